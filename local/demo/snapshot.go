package demo

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// bookkeeping are the columns that name the run, load or fetch which wrote a row: a re-run may change them and nothing else.
func bookkeeping() []string {
	return []string{"run_id", "load_id", "loaded_at", "fetch_id", "observed_at"}
}

// Snapshot counts each distinct row of each mart, the bookkeeping columns left out.
type Snapshot map[string]map[string]int

// TakeSnapshot reads every table of the schema marts.
func TakeSnapshot(ctx context.Context, db *sql.DB) (Snapshot, error) {
	columns, err := martColumns(ctx, db)
	if err != nil {
		return nil, err
	}
	snapshot := Snapshot{}
	for table, names := range columns {
		if snapshot[table], err = countRows(ctx, db, table, names); err != nil {
			return nil, err
		}
	}
	return snapshot, nil
}

// Changed counts the rows that stand in one snapshot and not in the other; a row that changed counts once.
func (s Snapshot) Changed(later Snapshot) int {
	changed := 0
	for table := range union(s, later) {
		gone, come := 0, 0
		for row := range union(s[table], later[table]) {
			switch d := later[table][row] - s[table][row]; {
			case d < 0:
				gone -= d
			case d > 0:
				come += d
			}
		}
		changed += max(gone, come)
	}
	return changed
}

func union[V any](a, b map[string]V) map[string]bool {
	keys := map[string]bool{}
	for key := range a {
		keys[key] = true
	}
	for key := range b {
		keys[key] = true
	}
	return keys
}

func martColumns(ctx context.Context, db *sql.DB) (map[string][]string, error) {
	columns := map[string][]string{}
	err := eachRow(ctx, db, `select table_name, column_name from information_schema.columns
		where table_schema = 'marts' order by table_name, ordinal_position`, func(row *sql.Rows) error {
		var table, column string
		err := row.Scan(&table, &column)
		if !slices.Contains(bookkeeping(), column) {
			columns[table] = append(columns[table], column)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the marts' columns: %w", err)
	}
	return columns, nil
}

func countRows(ctx context.Context, db *sql.DB, table string, columns []string) (map[string]int, error) {
	values := make([]sql.NullString, len(columns))
	targets := make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	counts := map[string]int{}
	query := fmt.Sprintf(`select "%s" from marts."%s"`, strings.Join(columns, `", "`), table)
	err := eachRow(ctx, db, query, func(row *sql.Rows) error {
		err := row.Scan(targets...)
		counts[rowText(values)]++
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read marts.%s: %w", table, err)
	}
	return counts, nil
}

// rowText writes a row so that two rows read the same only if they are: NULL differs from an empty text.
func rowText(values []sql.NullString) string {
	var text strings.Builder
	for _, v := range values {
		if v.Valid {
			text.WriteString(strconv.Quote(v.String))
		}
		text.WriteByte('|')
	}
	return text.String()
}
