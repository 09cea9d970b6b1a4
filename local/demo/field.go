package demo

import (
	"fmt"
	"strconv"
	"time"
)

// field is one value of a row in the form that the truth has: dates as YYYY-MM-DD, booleans as words, decimals as they are.
type field string

// Scan takes what the driver gives.
func (f *field) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*f = ""
	case time.Time:
		*f = field(v.Format(time.DateOnly))
	case bool:
		*f = field(strconv.FormatBool(v))
	case []byte:
		*f = field(v)
	case string:
		*f = field(v)
	case int64:
		*f = field(strconv.FormatInt(v, 10))
	default:
		return fmt.Errorf("a value of type %T stands where text was expected", value)
	}
	return nil
}
