package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// FileError is about a file that cannot be read as a whole.
type FileError struct {
	URL     string
	Missing bool
	Denied  bool
	Err     error
}

func (e *FileError) Error() string { return fmt.Sprintf("read %s: %v", e.URL, e.Err) }
func (e *FileError) Unwrap() error { return e.Err }

// ManifestError is about a manifest that says nothing useful.
type ManifestError struct {
	URL string
	Err error
}

func (e *ManifestError) Error() string { return fmt.Sprintf("manifest %s: %v", e.URL, e.Err) }
func (e *ManifestError) Unwrap() error { return e.Err }

type entry struct {
	bucket, key string
	mandatory   bool
}

func (e entry) url() string { return "s3://" + e.bucket + "/" + e.key }

// entries are the files to read: the manifest's, or all keys with the prefix.
func (r *runner) entries(ctx context.Context) ([]entry, error) {
	bucket, key, err := cutURL(r.plan.Source)
	if err != nil {
		return nil, &FileError{URL: r.plan.Source, Err: err}
	}
	if r.plan.Manifest {
		return r.manifest(ctx, bucket, key)
	}
	keys, err := r.files.List(ctx, bucket, key)
	if err != nil {
		return nil, &FileError{URL: r.plan.Source, Missing: errors.Is(err, fs.ErrNotExist), Denied: errors.Is(err, fs.ErrPermission), Err: err}
	}
	if len(keys) == 0 {
		return nil, &FileError{URL: r.plan.Source, Missing: true, Err: errors.New("no file has this prefix")}
	}
	var out []entry
	for _, k := range keys {
		out = append(out, entry{bucket: bucket, key: k, mandatory: true})
	}
	return out, nil
}

func (r *runner) manifest(ctx context.Context, bucket, key string) ([]entry, error) {
	object, err := r.files.Open(ctx, bucket, key)
	if err != nil {
		return nil, &FileError{URL: r.plan.Source, Missing: errors.Is(err, fs.ErrNotExist), Denied: errors.Is(err, fs.ErrPermission), Err: err}
	}
	defer object.Close()
	var manifest struct {
		Entries []struct {
			URL       string `json:"url"`
			Mandatory bool   `json:"mandatory"`
		} `json:"entries"`
	}
	if err := json.NewDecoder(object).Decode(&manifest); err != nil {
		return nil, &ManifestError{URL: r.plan.Source, Err: err}
	}
	if len(manifest.Entries) == 0 {
		return nil, &ManifestError{URL: r.plan.Source, Err: errors.New("it has no entries")}
	}
	var out []entry
	for _, e := range manifest.Entries {
		bucket, key, err := cutURL(e.URL)
		if err != nil {
			return nil, &ManifestError{URL: r.plan.Source, Err: err}
		}
		out = append(out, entry{bucket: bucket, key: key, mandatory: e.Mandatory})
	}
	return out, nil
}

func cutURL(url string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(url, "s3://")
	bucket, key, found := strings.Cut(rest, "/")
	if !ok || !found || bucket == "" || key == "" {
		return "", "", fmt.Errorf("%q is no s3://bucket/key", url)
	}
	return bucket, key, nil
}
