package tune

import (
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strconv"
	"time"
)

const dirLayout = "20060102"

// rawLogs are the hours whose click log is published: all from the first click on that ended RawLogDelay ago, quiet ones too.
func (s *Server) rawLogs(now time.Time) []time.Time {
	var first time.Time
	for _, session := range s.account.Sessions {
		if first.IsZero() || session.At.Before(first) {
			first = session.At
		}
	}
	if first.IsZero() {
		return nil
	}
	var hours []time.Time
	for hour := first.UTC().Truncate(time.Hour); !hour.Add(time.Hour + s.config.RawLogDelay).After(now); hour = hour.Add(time.Hour) {
		hours = append(hours, hour)
	}
	return hours
}

// dirOf is the directory of an hour's log. TUNE's documents do not say whether it is a day of UTC or of the network: here the network's.
func (s *Server) dirOf(hour time.Time) string { return hour.In(s.config.Zone).Format(dirLayout) }

func (s *Server) filenameOf(hour time.Time) string {
	mark := draw(s.config.Seed, "raw log", uint64(hour.Unix()))
	return fmt.Sprintf("%s/clicks-%d-%s.zip", s.dirOf(hour), hour.Unix(), hex.EncodeToString(mark[:3]))
}

func (s *Server) rawLogListDateDirs(call apiCall) (any, *apiError) {
	if failed := unknownLogType(call.params); failed != nil {
		return nil, failed
	}
	dirs := []map[string]string{}
	for _, hour := range slices.Backward(s.rawLogs(call.at)) {
		if name := s.dirOf(hour); len(dirs) == 0 || dirs[len(dirs)-1]["dirName"] != name {
			dirs = append(dirs, map[string]string{"displayName": hour.In(s.config.Zone).Format("Jan 2, 2006"), "dirName": name})
		}
	}
	return map[string]any{"logType": "clicks", "dateDirs": dirs}, nil
}

func (s *Server) rawLogListLogs(call apiCall) (any, *apiError) {
	if failed := unknownLogType(call.params); failed != nil {
		return nil, failed
	}
	dir := call.params.text("date_dir")
	files := []map[string]string{}
	for _, hour := range slices.Backward(s.rawLogs(call.at)) {
		if s.dirOf(hour) == dir {
			files = append(files, map[string]string{
				"displayName": hour.In(s.config.Zone).Format("Jan 2, 2006 - 03:04 pm"), "startTimestamp": strconv.FormatInt(hour.Unix(), 10),
				"filename": s.filenameOf(hour),
			})
		}
	}
	if len(files) == 0 {
		return nil, &apiError{Public: "date_dir does not exist."}
	}
	return map[string]any{"logType": "clicks", "logDate": dir, "logFiles": files, "fetchTime": 0.1}, nil
}

// rawLogGetDownloadLink signs a link to this very server; TUNE's lead to S3.
func (s *Server) rawLogGetDownloadLink(call apiCall) (any, *apiError) {
	if failed := unknownLogType(call.params); failed != nil {
		return nil, failed
	}
	name := call.params.text("log_filename")
	for _, hour := range s.rawLogs(call.at) {
		if s.filenameOf(hour) == name {
			return map[string]string{"link": "http://" + call.host + s.signed(path.Join(linkPrefix, name), call.at.Add(linkLife))}, nil
		}
	}
	return nil, &apiError{Public: "log_filename does not exist."}
}

// unknownLogType refuses what is none of TUNE's raw logs, and the two that are not imitated.
func unknownLogType(p params) *apiError {
	if p.text("log_type") == "clicks" {
		return nil
	}
	return &apiError{Public: "log_type is not valid."}
}
