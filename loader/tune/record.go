package tune

import (
	"bytes"
	"encoding/json"
	"time"

	"backstop/loader"
)

// record makes the archived line of one row: TUNE's fields with keys in lower case and values as they came, with the fetch they belong to.
func record(r row, f Fetch) ([]byte, error) {
	line := loader.Line{}
	for key, raw := range r.fields {
		var value any
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		if err := decoder.Decode(&value); err != nil {
			return nil, loader.Fail(loader.Data, "field %q of row %s cannot be read: %w", key, r.id, err)
		}
		line.Put(key, value)
	}
	if f.Target == Conversions {
		// Without a time no day could have it.
		if text, _ := line["datetime"].(string); !isTime(text) {
			return nil, loader.Fail(loader.Data, "conversion %s of TUNE's answer has the datetime %q, which is none; ask TUNE's support, then fetch again", r.id, text)
		}
	}
	return f.stamp(line).Encode()
}

// isTime tells whether TUNE's text is a date and time, as it writes them in the network's time zone.
func isTime(text string) bool {
	_, err := time.Parse(time.DateTime, text)
	return err == nil
}

// stamp says which fetch a line belongs to, and when TUNE showed it.
func (f Fetch) stamp(line loader.Line) loader.Line {
	line["v"], line["fetch_id"], line["observed_at"] = loader.RecordVersion, f.FetchID, f.ObservedAt.UTC().Format(loader.TimeLayout)
	return line
}

// fetchRecord is the line that calls a fetch complete.
func fetchRecord(f Fetch) ([]byte, error) {
	return f.stamp(loader.Line{
		"target": f.Target, "window_from": f.WindowFrom, "window_to": f.WindowTo, "rows": f.Rows, "pages": f.Pages,
	}).Encode()
}
