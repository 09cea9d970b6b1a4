package tune_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"backstop/loader/tune"
	"backstop/local/redshift/redshifttest"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver
	"pgregory.net/rapid"
)

// copied is an archive whose data files go straight through COPY into a table.
type copied struct {
	standIn *redshifttest.Redshift
	db      *sqlx.DB
}

func (c copied) Put(_ context.Context, key string, body []byte) error {
	if !strings.HasPrefix(key, "tune_offers/") {
		return nil
	}
	source := c.standIn.Put(key, body)
	_, err := c.db.Exec("COPY rows_of_tune FROM '" + source + "' IAM_ROLE 'arn:aws:iam::000000000000:role/copy' FORMAT JSON 'noshred' GZIP REGION 'us-east-1'")
	return err
}

// Whatever TUNE says, COPY takes the archived lines, all of them, and gives the texts back.
func TestEveryArchivedLineGoesThroughCopy(t *testing.T) {
	standIn := redshifttest.Start(t)
	archive := copied{standIn, sqlx.MustConnect("postgres", standIn.DSN)}
	t.Cleanup(func() { archive.db.Close() })
	archive.db.MustExec("CREATE TABLE rows_of_tune (payload SUPER)")
	texts := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune{0, 1, '"', '\\', 'a', 'é', '漢', 0x1f600}), 0, 30_000, -1)), 1, 5)
	fetches := 0
	rapid.Check(t, func(r *rapid.T) {
		archive.db.MustExec("DELETE FROM rows_of_tune")
		names := texts.Draw(r, "names")
		rows := map[string]any{}
		for i, name := range names {
			id := fmt.Sprint(i + 1)
			rows[id] = map[string]any{"Offer": map[string]any{"id": id, "Name": name, "Nested": map[string]any{"Name": name}}}
		}
		answer, err := json.Marshal(rows)
		if err != nil {
			r.Fatal(err)
		}
		b := newBench(t, func(int, url.Values) (int, string) { return 200, response(`{"status":1,"data":%s}`, answer) })
		fetches++
		b.Archive, b.NewID = archive, func() string { return fmt.Sprintf("fetch-%d", fetches) }
		if _, err := b.FetchAll(context.Background(), tune.Offers); err != nil {
			r.Fatal(err)
		}
		var stored []string
		if err := archive.db.Select(&stored, "SELECT JSON_SERIALIZE(payload) FROM rows_of_tune"); err != nil {
			r.Fatal(err)
		}
		var back []string
		for _, document := range stored {
			var line map[string]any
			if err := json.Unmarshal([]byte(document), &line); err != nil {
				r.Fatal(err)
			}
			back = append(back, textOf(r, line))
		}
		slices.Sort(back)
		slices.Sort(names)
		if !slices.Equal(back, names) {
			r.Fatalf("%d texts went in, %d came back: %q", len(names), len(back), back)
		}
	})
}
