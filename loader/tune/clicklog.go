package tune

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"backstop/loader"
)

// clickColumns are what is kept of a row of TUNE's raw click log, under TUNE's names. Of the device only what the fraud rules need: the
// one id that its owner can reset (as advertising_id), and what a browser says anyway. Hardware ids (device_id, android_id,
// mac_address, odin, open_udid, user_id), hashes, and the URLs (url, refer, pixel_refer), whose queries repeat such ids, stay at TUNE.
func clickColumns() []string {
	return []string{
		"transaction_id", "offer_id", "affiliate_id", "advertiser_id", "affiliate_source",
		"affiliate_sub1", "affiliate_sub2", "affiliate_sub3", "affiliate_sub4", "affiliate_sub5",
		"datetime", "status", "is_click_unique", "ip", "country_code", "user_agent",
		"device_brand", "device_model", "device_os", "device_os_version",
	}
}

// advertisingIDs are the columns that may hold the advertising id, the first filled one counts.
func advertisingIDs() []string { return []string{"google_aid", "ios_ifa"} }

// readClicks reads one log row by row.
func readClicks(log io.Reader, filename string, each func(loader.Line) error) error {
	rows := csv.NewReader(log)
	rows.ReuseRecord, rows.LazyQuotes = true, true // a user agent may hold a quote of its own
	header, err := rows.Read()
	if err != nil {
		return unreadable(filename, err)
	}
	place := map[string]int{}
	for i, name := range header {
		place[strings.Clone(name)] = i
	}
	for _, name := range append(clickColumns(), advertisingIDs()...) {
		if _, there := place[name]; !there {
			return loader.Fail(loader.Data, "log %s has no column %s: TUNE's raw log has changed, and the fetch must learn it", filename, name)
		}
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(filename, err)
		}
		if err := each(clickLine(row, place)); err != nil {
			return err
		}
	}
}

func clickLine(row []string, place map[string]int) loader.Line {
	line := loader.Line{"advertising_id": ""}
	for _, name := range clickColumns() {
		line.Put(name, row[place[name]])
	}
	for _, name := range advertisingIDs() {
		if id := row[place[name]]; id != "" {
			line.Put("advertising_id", id)
			break
		}
	}
	return line
}

// unreadable says where a log cannot be read, and never what stands there.
func unreadable(filename string, err error) error {
	var wrong *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return loader.Fail(loader.Data, "log %s is empty: it has no header", filename)
	case errors.As(err, &wrong):
		return loader.Fail(loader.Data, "log %s, line %d: %w; fetch the day again, and ask TUNE if its log stays so", filename, wrong.Line, wrong.Err)
	default:
		return loader.Fail(loader.Transient, "log %s breaks off: %w", filename, err)
	}
}
