package s3

import (
	"context"
	"encoding/json"

	"backstop/loader"
)

// manifestFile is the form that COPY … MANIFEST reads (Redshift: "Using a manifest to specify data files").
type manifestFile struct {
	Entries []manifestEntry `json:"entries"`
}

type manifestEntry struct {
	URL string `json:"url"`
	// Mandatory is false by default, and a missing file would then be left out without a word.
	Mandatory bool         `json:"mandatory"`
	Meta      manifestMeta `json:"meta"`
}

type manifestMeta struct {
	ContentLength int64 `json:"content_length"`
}

// WriteManifest stores the manifest for COPY under m.Key(loadID) and gives its URL.
func (a *Archive) WriteManifest(ctx context.Context, loadID string, m loader.Manifest) (string, error) {
	file := manifestFile{Entries: make([]manifestEntry, 0, len(m.Objects))}
	for _, o := range m.Objects {
		file.Entries = append(file.Entries, manifestEntry{URL: a.url(o.Key), Mandatory: true, Meta: manifestMeta{ContentLength: o.Size}})
	}
	body, err := json.Marshal(file)
	if err != nil {
		return "", loader.Fail(loader.Data, "write the manifest of %s as JSON: %w", m.Partition, err)
	}
	return a.ManifestURL(loadID, m), a.Put(ctx, m.Key(loadID), body)
}

// ManifestURL is where WriteManifest puts the manifest.
func (a *Archive) ManifestURL(loadID string, m loader.Manifest) string { return a.url(m.Key(loadID)) }

func (a *Archive) url(key string) string { return "s3://" + a.bucket + "/" + key }
