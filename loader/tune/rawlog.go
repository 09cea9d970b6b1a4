package tune

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"backstop/loader"
)

const (
	dirLayout = "20060102"
	clickLog  = "clicks" // of TUNE's three raw logs: clicks, conversions, impressions
)

// hourLog is one file of TUNE's raw log.
type hourLog struct {
	filename string
	start    time.Time
}

// shelf is what TUNE has of the raw log around a day. Whether a directory is a day of the network's or of UTC is not documented, so
// its neighbours are looked into, and what counts is each file's own start.
type shelf struct {
	oldest, newest string // names of directories, as YYYYMMDD; empty if there is none
	logs           []hourLog
	date           time.Time // TUNE's time
}

func (c *Client) shelfAround(ctx context.Context, day time.Time) (shelf, error) {
	var s shelf
	dirs, err := c.dateDirs(ctx, &s)
	if err != nil || len(dirs) == 0 {
		return s, err
	}
	s.oldest, s.newest = slices.Min(dirs), slices.Max(dirs)
	for _, near := range []time.Time{day.AddDate(0, 0, -1), day, day.AddDate(0, 0, 1)} {
		if dir := near.Format(dirLayout); slices.Contains(dirs, dir) {
			logs, err := c.logsIn(ctx, dir)
			if err != nil {
				return s, err
			}
			s.logs = append(s.logs, logs...)
		}
	}
	slices.SortFunc(s.logs, func(a, b hourLog) int { return a.start.Compare(b.start) })
	return s, nil
}

func (c *Client) dateDirs(ctx context.Context, s *shelf) ([]string, error) {
	var answer struct {
		Dirs []struct {
			Name string `json:"dirName"`
		} `json:"dateDirs"`
	}
	date, err := c.rawLog(ctx, "listDateDirs", url.Values{}, &answer)
	s.date = date
	dirs := make([]string, 0, len(answer.Dirs))
	for _, dir := range answer.Dirs {
		dirs = append(dirs, dir.Name)
	}
	return dirs, err
}

func (c *Client) logsIn(ctx context.Context, dir string) ([]hourLog, error) {
	var answer struct {
		Files []struct {
			Start    flexibleInt `json:"startTimestamp"`
			Filename string      `json:"filename"`
		} `json:"logFiles"`
	}
	_, err := c.rawLog(ctx, "listLogs", url.Values{"date_dir": {dir}}, &answer)
	logs := make([]hourLog, 0, len(answer.Files))
	for _, file := range answer.Files {
		logs = append(logs, hourLog{file.Filename, time.Unix(int64(file.Start), 0).UTC()})
	}
	return logs, err
}

// rawLog calls a method of RawLog and reads its data. Where there is nothing, TUNE answers an empty list instead of an object.
func (c *Client) rawLog(ctx context.Context, method string, params url.Values, into any) (date time.Time, err error) {
	params.Set("log_type", clickLog)
	err = c.again(ctx, "RawLog::"+method, func() error {
		answer, err := c.ask(ctx, "RawLog", method, params)
		if err != nil {
			return err
		}
		date = answer.date
		if !isObject(answer.data) {
			return nil
		}
		if err := json.Unmarshal(answer.data, into); err != nil {
			return loader.Fail(loader.Data, "TUNE's answer cannot be read: %w", err)
		}
		return nil
	})
	return date, err
}
