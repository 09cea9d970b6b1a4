package tune

import (
	"strings"
)

// matches reports whether a row passes every filter; under "OR" any of the inner ones is enough.
func matches(row record, filters params) (bool, *apiError) {
	for field, condition := range filters {
		if field == "OR" {
			if passes, failed := matchesAny(row, filters.inner("OR")); failed != nil || !passes {
				return false, failed
			}
			continue
		}
		if passes, failed := matchesField(row, field, condition); failed != nil || !passes {
			return false, failed
		}
	}
	return true, nil
}

func matchesAny(row record, filters params) (bool, *apiError) {
	for field, condition := range filters {
		if passes, failed := matchesField(row, field, condition); failed != nil || passes {
			return passes, failed
		}
	}
	return len(filters) == 0, nil
}

func matchesField(row record, field string, condition any) (bool, *apiError) {
	value, known := row[field]
	if !known {
		return false, &apiError{Public: "Field '" + field + "' cannot be filtered."}
	}
	operators, nested := condition.(params)
	if !nested {
		return value == condition, nil
	}
	if values := texts(operators); len(values) > 0 {
		return contains(values, value), nil
	}
	if name := operators.text("conditional"); name != "" {
		return compare(name, value, texts(operators["values"]))
	}
	for name, operand := range operators {
		if passes, failed := compare(name, value, texts(operand)); failed != nil || !passes {
			return false, failed
		}
	}
	return true, nil
}

func contains(values []string, value string) bool {
	for _, v := range values {
		if v == value {
			return true
		}
	}
	return false
}

// compare applies one of the documented operators. Numbers compare as numbers, datetimes as the texts that they are.
func compare(operator, value string, operands []string) (bool, *apiError) {
	if len(operands) == 0 {
		operands = []string{""}
	}
	order := inOrder(value, operands[0])
	switch operator {
	case "EQUAL_TO":
		return contains(operands, value), nil
	case "NOT_EQUAL_TO":
		return !contains(operands, value), nil
	case "LESS_THAN":
		return order < 0, nil
	case "LESS_THAN_OR_EQUAL_TO":
		return order <= 0, nil
	case "GREATER_THAN":
		return order > 0, nil
	case "GREATER_THAN_OR_EQUAL_TO":
		return order >= 0, nil
	case "BETWEEN":
		return order >= 0 && inOrder(value, operands[len(operands)-1]) <= 0, nil
	case "LIKE":
		return strings.Contains(value, strings.Trim(operands[0], "%")), nil
	case "NULL":
		return value == "", nil
	case "NOT_NULL":
		return value != "", nil
	default:
		return false, &apiError{Public: "Filter operator '" + operator + "' does not exist."}
	}
}

func inOrder(a, b string) int {
	x, errX := parseMoney(a)
	y, errY := parseMoney(b)
	if errX != nil || errY != nil || a == "" || b == "" {
		return strings.Compare(a, b)
	}
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	default:
		return 0
	}
}
