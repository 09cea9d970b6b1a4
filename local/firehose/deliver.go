package firehose

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
)

// deliver puts the sealed objects into S3, in order. One that S3 refuses stays, with those after it.
func (st *stream) deliver(ctx context.Context) error {
	st.delivery.Lock()
	defer st.delivery.Unlock()
	for {
		next, ok := st.next()
		if !ok {
			return nil
		}
		body, headers, err := st.encode(next.body)
		if err != nil {
			return fmt.Errorf("compress %s: %w", next.key, err)
		}
		if err := st.store(ctx, st.Bucket, next.key, body, headers); err != nil {
			return fmt.Errorf("deliver: %w", err)
		}
		st.mu.Lock()
		st.sealed = st.sealed[1:]
		st.mu.Unlock()
	}
}

func (st *stream) next() (object, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.sealed) == 0 {
		return object{}, false
	}
	return st.sealed[0], true
}

func (st *stream) encode(body []byte) ([]byte, map[string]string, error) {
	headers := map[string]string{"Content-Type": "application/octet-stream"}
	if !st.GZIP {
		return body, headers, nil
	}
	headers["Content-Encoding"] = "gzip"
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(body); err != nil {
		return nil, nil, err
	}
	if err := w.Close(); err != nil {
		return nil, nil, err
	}
	return out.Bytes(), headers, nil
}
