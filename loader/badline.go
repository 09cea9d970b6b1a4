package loader

// BadLine is a line that COPY could not load, as the warehouse tells it.
type BadLine struct {
	File   string `json:"file"`
	Line   int64  `json:"line"`   // from 1; 0 where the file as a whole cannot be read
	Column string `json:"column"` // of the table, where one is at fault
	Code   int    `json:"code"`   // the warehouse's own
	Reason string `json:"reason"`
	CutOut string `json:"cut_out"` // the line around the error, letters and digits masked; may be empty
}

// Replaced is what a Replacement came to.
type Replaced struct {
	Entry
	BadLines []BadLine // left out of the partition and recorded in the warehouse; their number is Entry.Errors
}
