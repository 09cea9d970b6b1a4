package ingest

// Firehose's limits, and the step in which it bills a record: rounded up to 5 KB each. Its 500 records a call are out of reach: of two
// neighbouring packs together more than one record's limit is filled, so 4 MiB end a call at nine.
const (
	maxRecordBytes = 1000 << 10 // a multiple of billedStep, so that a full record wastes nothing by rule
	maxCallBytes   = 4 << 20
	billedStep     = 5 << 10
)

// pack is one stream record: whole lines one after the other, and which lines they were.
type pack struct {
	data  []byte
	lines []int
}

// packLines fills each record up to the limit before it begins the next. What Firehose bills is the sum of the records' sizes, each rounded
// up to 5 KB, so as few and as full records as possible cost least: at most one started step a record. Lines are never split or reordered.
func packLines(lines [][]byte) []pack {
	var packs []pack
	for i, line := range lines {
		last := len(packs) - 1
		if last < 0 || len(packs[last].data)+len(line) > maxRecordBytes {
			packs = append(packs, pack{})
			last++
		}
		packs[last].data = append(packs[last].data, line...)
		packs[last].lines = append(packs[last].lines, i)
	}
	return packs
}

// calls groups packs so that each group fits one call to the stream.
func calls(packs []pack) [][]pack {
	var groups [][]pack
	size := 0
	for _, p := range packs {
		last := len(groups) - 1
		if last < 0 || size+len(p.data) > maxCallBytes {
			groups, size = append(groups, nil), 0
			last++
		}
		groups[last] = append(groups[last], p)
		size += len(p.data)
	}
	return groups
}

// billedBytes is what Firehose charges for the packs.
func billedBytes(packs []pack) int {
	billed := 0
	for _, p := range packs {
		billed += (len(p.data) + billedStep - 1) / billedStep * billedStep
	}
	return billed
}
