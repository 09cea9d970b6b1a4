package tune

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"sort"
	"strconv"
)

// dict is a JSON object that keeps the order of its rows. Without rows it is written as [], as PHP does.
type dict struct {
	model string
	rows  []record
}

// MarshalJSON writes {"<id>": {"<model>": {…}}, …}.
func (d dict) MarshalJSON() ([]byte, error) {
	if len(d.rows) == 0 {
		return []byte("[]"), nil
	}
	var out bytes.Buffer
	out.WriteByte('{')
	for i, row := range d.rows {
		if i > 0 {
			out.WriteByte(',')
		}
		value, err := json.Marshal(map[string]record{d.model: row})
		if err != nil {
			return nil, err
		}
		out.WriteString(strconv.Quote(row["id"]) + ":")
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// findAll filters, orders, pages and trims rows. With a limit the answer is a page with its counts, without one the bare dict.
func (s *Server) findAll(call apiCall, model string, rows []record) (any, *apiError) {
	var found []record
	for _, row := range rows {
		passes, failed := matches(row, call.params.inner("filters"))
		if failed != nil {
			return nil, failed
		}
		if passes {
			found = append(found, row)
		}
	}
	s.arrange(call, found)
	limit := call.params.number("limit")
	if limit <= 0 {
		return dict{model, trim(found, call.params)}, nil
	}
	page := max(1, call.params.number("page"))
	from := min(len(found), (page-1)*limit)
	to := min(len(found), from+limit)
	return map[string]any{
		"page": page, "current": to - from, "count": len(found), "pageCount": (len(found) + limit - 1) / limit,
		"data": dict{model, trim(found[from:to], call.params)},
	}, nil
}

// arrange sorts as asked. Unasked, every call gets the rows in another order, so that only a sorted listing can be paged.
func (s *Server) arrange(call apiCall, rows []record) {
	seed := draw(s.config.Seed, "order", call.serial)
	base := binary.BigEndian.Uint64(seed[:8])
	shuffled := func(row record) uint64 {
		id, err := strconv.ParseUint(row["id"], 10, 64)
		if err != nil {
			id = 0
		}
		return (id ^ base) * 0x9e3779b97f4a7c15
	}
	sort.SliceStable(rows, func(i, j int) bool { return shuffled(rows[i]) < shuffled(rows[j]) })
	for field, direction := range call.params.inner("sort") {
		sort.SliceStable(rows, func(i, j int) bool {
			order := inOrder(rows[i][field], rows[j][field])
			if direction == "desc" {
				return order > 0
			}
			return order < 0
		})
	}
}

// trim keeps the fields that were asked for, and always the id.
func trim(rows []record, p params) []record {
	fields := texts(p["fields"])
	if len(fields) == 0 {
		return rows
	}
	trimmed := make([]record, 0, len(rows))
	for _, row := range rows {
		part := record{"id": row["id"]}
		for _, field := range fields {
			if value, known := row[field]; known {
				part[field] = value
			}
		}
		trimmed = append(trimmed, part)
	}
	return trimmed
}
