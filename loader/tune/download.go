package tune

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"backstop/loader"
)

const (
	logLimit   = 8 << 30          // bytes of one hour's zip; far above a million clicks
	logTimeout = 30 * time.Minute // for one download
)

// spooled is a downloaded log in a temporary file: a zip can be read only once its end is there, and memory stays free.
type spooled struct {
	*zip.Reader
	file *os.File
}

// Close removes the file.
func (s *spooled) Close() error { return errors.Join(s.file.Close(), os.Remove(s.file.Name())) }

// download fetches a log as a whole. A link that has expired and a zip that was cut short are asked for again. The link is signed, so
// it enters no error.
func (c *Client) download(ctx context.Context, log hourLog) (*spooled, error) {
	var got *spooled
	err := c.again(ctx, "download "+log.filename, func() error {
		var answer struct {
			Link string `json:"link"`
		}
		if _, err := c.rawLog(ctx, "getDownloadLink", url.Values{"log_filename": {log.filename}}, &answer); err != nil {
			return err
		}
		file, err := os.CreateTemp("", "backstop-clicks-*.zip")
		if err != nil {
			return loader.Fail(loader.Configuration, "a log needs a temporary file: %w", err)
		}
		got = &spooled{file: file}
		if got.Reader, err = c.spool(ctx, answer.Link, file); err != nil {
			return errors.Join(err, got.Close())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return got, nil
}

func (c *Client) spool(ctx context.Context, link string, file *os.File) (*zip.Reader, error) {
	ctx, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil || request.URL.Host == "" {
		return nil, loader.Fail(loader.Data, "TUNE's download link is no URL")
	}
	response, err := c.files.Do(request)
	if err != nil {
		return nil, loader.Fail(loader.Transient, "the log's host %s cannot be reached: %w", request.URL.Host, withoutURL(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, loader.Fail(loader.Transient, "the log's host answered HTTP %d; its link may have expired", response.StatusCode)
	}
	size, err := io.Copy(file, io.LimitReader(response.Body, logLimit))
	switch {
	case err != nil:
		return nil, loader.Fail(loader.Transient, "the log broke off after %d bytes: %w", size, withoutURL(err))
	case size == logLimit:
		return nil, loader.Fail(loader.Data, "the log is larger than %d bytes", int64(logLimit))
	}
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, loader.Fail(loader.Transient, "the log is no whole zip (%d bytes): %w", size, err)
	}
	return archive, nil
}
