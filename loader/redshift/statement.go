package redshift

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"backstop/loader"
)

// statement is one statement of the load transaction. Its arguments travel as parameters; COPY, which takes none, has them in its
// text.
type statement struct {
	text string
	args []any
}

// unknown is the name of a number that exists only while a load runs. A plan shows it in angle brackets.
type unknown string

func newestStatement(p loader.Partition) statement {
	return statement{"SELECT " + strings.Join(ledgerColumns(), ", ") + ` FROM landing.loads
WHERE table_name = $1 AND dt = $2 AND hr = $3 ORDER BY loaded_at DESC LIMIT 1`, []any{p.Table, p.Date, p.Hour}}
}

func countStatement(p loader.Partition) statement {
	return statement{"SELECT COUNT(*) FROM landing." + p.Table + " WHERE dt = $1 AND hr = $2", []any{p.Date, p.Hour}}
}

func deleteStatement(p loader.Partition) statement {
	return statement{"DELETE FROM landing." + p.Table + " WHERE dt = $1 AND hr = $2", []any{p.Date, p.Hour}}
}

func insertStatement(p loader.Partition, loadID, loadedAt string) statement {
	return statement{"INSERT INTO landing." + p.Table + ` (payload, dt, hr, load_id, loaded_at)
SELECT payload, $1::DATE, $2::SMALLINT, $3::VARCHAR(36), $4::TIMESTAMP FROM stage`, []any{p.Date, p.Hour, loadID, loadedAt}}
}

// valuesStatement inserts rows of the named columns.
func valuesStatement(table string, columns []string, rows []map[string]any) statement {
	s := statement{}
	values := make([]string, len(rows))
	for i, row := range rows {
		marks := make([]string, len(columns))
		for c, column := range columns {
			s.args = append(s.args, row[column])
			marks[c] = "$" + strconv.Itoa(len(s.args))
		}
		values[i] = "(" + strings.Join(marks, ", ") + ")"
	}
	s.text = "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ")\nVALUES " + strings.Join(values, ", ")
	return s
}

// SQL is what Replace will send for the replacement, in order, as text that psql takes too. Where a value exists only while
// the load runs its name stands in angle brackets; the caller gives such a name as LoadID and in ManifestURL.
func (w *Warehouse) SQL(r loader.Replacement) ([]string, error) {
	p := r.Manifest.Partition
	entry := loader.Entry{LoadID: r.LoadID, Partition: p, Digest: r.Manifest.Digest(), Files: len(r.Manifest.Objects), Bytes: r.Manifest.Bytes(), Status: loader.Empty}
	script := []statement{{text: "BEGIN"}, {text: lockStatement}, newestStatement(p), countStatement(p), {text: clockStatement}}
	if entry.Files > 0 {
		entry.Status, entry.ManifestKey = loader.Loaded, r.Manifest.Key(r.LoadID)
		copied, err := w.copyStatement(r)
		if err != nil {
			return nil, err
		}
		script = append(script, statement{text: createStage}, statement{text: copied}, statement{text: lastCopy}, statement{text: countStrangers})
	}
	script = append(script, deleteStatement(p))
	row := ledgerRow(entry)
	row["rows_before"], row["loaded_at"] = unknown("rows_before"), "<loaded_at>"
	if entry.Files > 0 {
		row["rows"], row["copy_query_id"] = unknown("rows"), unknown("copy_query_id")
		script = append(script, insertStatement(p, r.LoadID, "<loaded_at>"), statement{text: dropStage})
	}
	script = append(script, valuesStatement("landing.loads", ledgerColumns(), []map[string]any{row}), statement{text: "COMMIT"})
	texts := make([]string, len(script))
	for i, s := range script {
		texts[i] = s.String()
	}
	return texts, nil
}

// parameter matches $1, $2, …
var parameter = regexp.MustCompile(`\$[0-9]+`)

// String is the statement with its arguments as literals.
func (s statement) String() string {
	if len(s.args) == 0 {
		return s.text
	}
	next := 0
	return parameter.ReplaceAllStringFunc(s.text, func(string) string {
		next++ // each parameter stands once, in order
		return literal(s.args[next-1])
	})
}

func literal(value any) string {
	switch v := value.(type) {
	case unknown:
		return "<" + string(v) + ">"
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	default:
		return fmt.Sprint(v)
	}
}
