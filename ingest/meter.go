package ingest

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

const metricNamespace = "Backstop"

// Dimension is a label of a metric. Its values come from our own vocabulary or the routes file, never from a request.
type Dimension struct{ Name, Value string }

// Meter writes metrics as lines in CloudWatch's embedded metric format, which the logs' subscriber turns into metrics.
type Meter struct {
	mu  sync.Mutex
	out io.Writer
	now func() time.Time
}

// NewMeter writes to out, a line a metric. It is safe for concurrent use.
func NewMeter(out io.Writer, now func() time.Time) *Meter { return &Meter{out: out, now: now} }

// Count adds n to the metric. A line that cannot be written is dropped: a metric must never fail a postback.
func (m *Meter) Count(name string, n int, dimensions ...Dimension) {
	m.put(name, "Count", n, dimensions)
}

// Bytes adds n bytes to the metric.
func (m *Meter) Bytes(name string, n int, dimensions ...Dimension) {
	m.put(name, "Bytes", n, dimensions)
}

func (m *Meter) put(name, unit string, n int, dimensions []Dimension) {
	names := make([]string, 0, len(dimensions))
	line := map[string]any{name: n}
	for _, d := range dimensions {
		names = append(names, d.Name)
		line[d.Name] = d.Value
	}
	line["_aws"] = map[string]any{
		"Timestamp": m.now().UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace":  metricNamespace,
			"Dimensions": [][]string{names},
			"Metrics":    []any{map[string]string{"Name": name, "Unit": unit}},
		}},
	}
	data, err := json.Marshal(line)
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.out.Write(append(data, '\n'))
}
