package tune

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	linkPrefix = "/raw-logs/clicks"
	linkLife   = 15 * time.Minute
)

// signed is a path with the signature that opens it until then.
func (s *Server) signed(file string, until time.Time) string {
	return fmt.Sprintf("%s?Expires=%d&Signature=%s", file, until.Unix(), s.signature(file, until.Unix()))
}

func (s *Server) signature(file string, until int64) string {
	d := draw(s.config.Seed, "link "+file, uint64(until))
	return hex.EncodeToString(d[:])
}

// download answers a signed link with the hour's log, and another as S3 does.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	log, refusal := s.linked(r)
	if refusal != nil {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(refusal.status)
		log = fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>`+"\n<Error><Code>%s</Code><Message>%s</Message></Error>", refusal.code, refusal.message)
	} else {
		w.Header().Set("Content-Type", "application/zip")
	}
	// A client that has gone away is no news to a server.
	_, _ = w.Write(log)
}

// s3Refusal is why S3 does not serve a link.
type s3Refusal struct {
	status        int
	code, message string
}

func (s *Server) linked(r *http.Request) ([]byte, *s3Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.config.Clock.Now()
	until, err := strconv.ParseInt(r.URL.Query().Get("Expires"), 10, 64)
	if err != nil || r.URL.Query().Get("Signature") != s.signature(r.URL.Path, until) {
		return nil, &s3Refusal{http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."}
	}
	if now.Unix() > until {
		return nil, &s3Refusal{http.StatusForbidden, "AccessDenied", "Request has expired"}
	}
	for _, hour := range s.rawLogs(now) {
		if path.Join(linkPrefix, s.filenameOf(hour)) != r.URL.Path {
			continue
		}
		log, err := s.logOf(hour)
		if err != nil {
			return nil, &s3Refusal{http.StatusInternalServerError, "InternalError", err.Error()}
		}
		return log, nil
	}
	return nil, &s3Refusal{http.StatusNotFound, "NoSuchKey", "The specified key does not exist."}
}

// logOf makes the zip of one hour: one CSV, whose name is that of the zip.
func (s *Server) logOf(hour time.Time) ([]byte, error) {
	var log bytes.Buffer
	zipped := zip.NewWriter(&log)
	file, err := zipped.Create(strings.TrimSuffix(path.Base(s.filenameOf(hour)), ".zip") + ".csv")
	if err != nil {
		return nil, fmt.Errorf("begin the log of %s: %w", hour, err)
	}
	header := rawLogHeader()
	rows := [][]string{header}
	for _, id := range s.clicksOf(hour) {
		click := s.logRow(id, s.account.Sessions[id])
		row := make([]string, len(header))
		for i, column := range header {
			row[i] = click[column]
		}
		rows = append(rows, row)
	}
	if err := csv.NewWriter(file).WriteAll(rows); err != nil {
		return nil, fmt.Errorf("write the log of %s: %w", hour, err)
	}
	if err := zipped.Close(); err != nil {
		return nil, fmt.Errorf("end the log of %s: %w", hour, err)
	}
	return log.Bytes(), nil
}

// clicksOf are the transactions of an hour in the order of their clicks.
func (s *Server) clicksOf(hour time.Time) []string {
	var ids []string
	for id, session := range s.account.Sessions {
		if session.At.Truncate(time.Hour).Equal(hour) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(s.account.Sessions[a].At.Compare(s.account.Sessions[b].At), cmp.Compare(a, b))
	})
	return ids
}
