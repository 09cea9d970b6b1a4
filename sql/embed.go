// Package sql holds the DDL of the warehouse in Redshift SQL: numbered files, applied in order by `backstop migrate`. A file that
// has been applied somewhere is never changed; what comes later is a new file. The schemas that dbt fills (staging, intermediate,
// marts, seeds) are dbt's own.
package sql

import "embed"

// Migrations are the numbered files.
//
//go:embed *.sql
var Migrations embed.FS
