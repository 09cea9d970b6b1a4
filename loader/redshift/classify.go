package redshift

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"backstop/loader"

	"github.com/lib/pq"
)

// conflict tells whether another transaction got in the way, so that the same one may pass when begun again. Redshift reports
// its serialisation error 1023 as SQLSTATE XX000 (https://github.com/aws/aws-sdk-pandas/issues/665).
func conflict(err error) bool {
	refused := pq.As(err)
	if refused == nil {
		return false
	}
	switch refused.Code {
	case "40001", "40P01":
		return true
	case "XX000":
		text := refused.Message + " " + refused.Detail
		return strings.Contains(text, "1023") || strings.Contains(text, "Serializable isolation violation") ||
			strings.Contains(text, "conflict with concurrent transaction")
	default:
		return false
	}
}

// connectionLost tells whether an established connection ended. A connection that could not be made is not lost: trying again
// at once would only hide that the warehouse is down.
func connectionLost(err error) bool {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return false
	}
	if refused := pq.As(err); refused != nil {
		return refused.Code.Class() == "08" || refused.Code == "57P01" || refused.Code == "57P02"
	}
	for _, lost := range []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, net.ErrClosed} {
		if errors.Is(err, lost) {
			return true
		}
	}
	return dial != nil
}

// Classified gives an error of the driver the class that its SQLSTATE implies. What has a class keeps it; a conflict or a lost connection is
// Transient.
func Classified(err error) error {
	var known *loader.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, loader.ErrStale) {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	refused := pq.As(err)
	if refused == nil {
		return loader.Fail(loader.Transient, "the warehouse cannot be reached: %w", err)
	}
	if conflict(err) || connectionLost(err) {
		return loader.Fail(loader.Transient, "%w", err)
	}
	return byState(refused, err)
}

func byState(refused *pq.Error, err error) error {
	switch refused.Code {
	case "42P01", "3F000", "42703":
		return loader.Fail(loader.Configuration, "the warehouse lacks a table or column of Backstop's; run `backstop migrate`: %w", err)
	case "42501":
		return loader.Fail(loader.Configuration, "the warehouse user lacks a permission: %w", err)
	}
	switch refused.Code.Class() {
	case "28", "3D":
		return loader.Fail(loader.Configuration, "the warehouse refuses the login; look at BACKSTOP_WAREHOUSE_DSN: %w", err)
	case "53", "57", "58":
		return loader.Fail(loader.Transient, "the warehouse cannot serve now: %w", err)
	default:
		return loader.Fail(loader.Configuration, "the warehouse refuses a statement: %w", err)
	}
}
