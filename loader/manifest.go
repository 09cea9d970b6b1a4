package loader

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Object is one file of the archive as a listing shows it.
type Object struct {
	Key  string
	ETag string // without quotes
	Size int64  // bytes
}

// Manifest is the exact set of files of a partition, ordered by key. An empty one is a legal, empty hour.
type Manifest struct {
	Partition Partition
	Objects   []Object
}

// Digest identifies the set of files and their contents: equal digests mean that there is nothing to load.
func (m Manifest) Digest() string {
	sum := sha256.New()
	for _, o := range m.Objects {
		fmt.Fprintf(sum, "%s\t%s\t%d\n", o.Key, o.ETag, o.Size)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Bytes is the compressed size of all files.
func (m Manifest) Bytes() int64 {
	var total int64
	for _, o := range m.Objects {
		total += o.Size
	}
	return total
}

// Key is where the manifest of a load lies in the archive: beside the streams, under the partition that it describes.
func (m Manifest) Key(loadID string) string {
	return "manifests/" + m.Partition.Prefix() + loadID + ".manifest"
}

// archived matches what follows `<stream>/dt=YYYY-MM-DD/` in the key of an archived file.
var archived = regexp.MustCompile(`^hr=(?:[01][0-9]|2[0-3])/[^/]+\.gz$`)

// byHour sorts a day's listing into its 24 manifests. A file outside the layout is refused, because COPY would never see it:
// rows that are in the archive would be missing from the warehouse without a word.
func byHour(table, date string, objects []Object) (map[int]Manifest, error) {
	hours, prefix := map[int]Manifest{}, dayPrefix(table, date)
	for _, o := range objects {
		if strings.HasSuffix(o.Key, "/") && o.Size == 0 {
			continue // a folder that a console made
		}
		file := strings.TrimPrefix(o.Key, prefix)
		if !archived.MatchString(file) {
			return nil, Fail(Data, "the archive holds %s, which is not <stream>/dt=<date>/hr=<hour>/<name>.gz: move it away or give it such a name", o.Key)
		}
		hour, err := strconv.Atoi(file[len("hr="):len("hr=00")])
		if err != nil {
			return nil, Fail(Data, "read the hour of %s: %w", o.Key, err)
		}
		m := hours[hour]
		m.Objects = append(m.Objects, o)
		hours[hour] = m
	}
	for hour, m := range hours {
		slices.SortFunc(m.Objects, func(a, b Object) int { return cmp.Compare(a.Key, b.Key) })
		m.Partition = Partition{Table: table, Date: date, Hour: hour}
		hours[hour] = m
	}
	return hours, nil
}
