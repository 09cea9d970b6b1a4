package dialect

import (
	"fmt"
	"strconv"
	"strings"
)

// CopyStatement is a COPY from S3.
type CopyStatement struct {
	Table       string // as written, its schema with it
	Columns     []string
	Source      string // s3://…
	Role        string
	Format      Format
	Compression Compression
	Manifest    bool
	NoLoad      bool
	Tolerated   int // errors that do not make the load fail: one fewer than MAXERROR
	Region      string
}

// Format is how the documents of a file become rows.
type Format string

const (
	NoShred        Format = "noshred"         // a document is one SUPER value
	Auto           Format = "auto"            // keys are matched to columns
	AutoIgnoreCase Format = "auto ignorecase" // the same without regard to case
)

// Compression is how the files are packed.
type Compression string

const (
	Plain Compression = ""
	Gzip  Compression = "gzip"
	Zstd  Compression = "zstd"
)

// maxErrors is the largest MAXERROR that Redshift takes (COPY, "Data load operations").
const maxErrors = 100000

// copyParser reads one COPY. Unknown options are syntax errors, as on Redshift.
type copyParser struct {
	ts  Tokens
	pos int
	out CopyStatement
	// seen holds the options that were given, to refuse a second one.
	seen map[string]bool
}

func parseCopy(ts Tokens) (*CopyStatement, error) {
	p := &copyParser{ts: ts, pos: 1, seen: map[string]bool{}}
	for _, step := range []func() error{p.target, p.source, p.options, p.complete} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return &p.out, nil
}

func (p *copyParser) next() Token { return p.ts.at(p.pos) }

func (p *copyParser) unexpected(hint string) error {
	if p.pos >= len(p.ts) {
		return &Error{Code: syntaxError, Message: "syntax error at end of input", Hint: hint}
	}
	return near(p.next(), hint)
}

func (p *copyParser) target() error {
	if p.next().is("job") {
		return notImitated("COPY JOB", "Load by COPY.")
	}
	if !p.next().isName() {
		return p.unexpected("COPY table [(columns)] FROM 's3://…'")
	}
	end := p.ts.dotted(p.pos)
	p.out.Table = p.ts.text(p.pos, end)
	p.pos = end
	if !p.next().is("(") {
		return nil
	}
	closing := p.ts.closing(p.pos)
	for _, part := range p.ts.split(p.pos+1, closing) {
		if part[1] != part[0]+1 || !p.ts[part[0]].isName() {
			p.pos = part[0]
			return p.unexpected("a list of columns")
		}
		p.out.Columns = append(p.out.Columns, p.ts[part[0]].name())
	}
	p.pos = closing + 1
	return nil
}

func (p *copyParser) source() error {
	if !p.next().is("from") {
		return p.unexpected("")
	}
	p.pos++
	url, err := p.literal()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(url, "s3://") {
		return notImitated("COPY from "+strings.SplitN(url, ":", 2)[0], "Copy from s3://bucket/key.")
	}
	p.out.Source = url
	return nil
}

func (p *copyParser) options() error {
	for p.pos < len(p.ts) {
		name := strings.ToLower(p.next().Text)
		if p.next().Kind != Word {
			return p.unexpected("an option of COPY")
		}
		if p.seen[name] {
			return &Error{Code: syntaxError, Message: "conflicting or redundant options", Hint: strings.ToUpper(name) + " is given twice."}
		}
		p.seen[name] = true
		if err := p.option(name); err != nil {
			return err
		}
	}
	return nil
}

func (p *copyParser) option(name string) error {
	at := p.pos
	p.pos++
	switch name {
	case "iam_role":
		return p.role()
	case "format", "json":
		return p.format(name)
	case "gzip", "zstd":
		if p.out.Compression != Plain {
			return &Error{Code: syntaxError, Message: "conflicting or redundant options", Hint: "One compression."}
		}
		p.out.Compression = Compression(name)
	case "manifest":
		p.out.Manifest = true
	case "noload":
		p.out.NoLoad = true
	case "region":
		region, err := p.optionalAs(p.literal)
		p.out.Region = region
		return err
	case "maxerror":
		return p.maxError()
	case "compupdate":
		return p.oneOf("on", "off", "true", "false", "preset")
	case "statupdate":
		return p.oneOf("on", "off", "true", "false")
	default:
		p.pos = at
		if knownCopyOption(name) {
			return notImitated("COPY's option "+strings.ToUpper(name), "The stand-in knows IAM_ROLE, FORMAT JSON, GZIP, ZSTD, MANIFEST, REGION, MAXERROR, NOLOAD, COMPUPDATE, STATUPDATE.")
		}
		return p.unexpected("COPY has no such option.")
	}
	return nil
}

// knownCopyOption is true for the options of COPY that are left out.
// Source: Amazon Redshift Database Developer Guide, "COPY parameter reference".
func knownCopyOption(name string) bool {
	return Token{Kind: Word, Text: name}.isAny("credentials", "access_key_id", "secret_access_key", "session_token", "encrypted", "master_symmetric_key",
		"bzip2", "lzop", "csv", "delimiter", "fixedwidth", "shapefile", "avro", "parquet", "orc", "acceptanydate", "acceptinvchars",
		"blanksasnull", "dateformat", "emptyasnull", "encoding", "escape", "explicit_ids", "fillrecord", "ignoreblanklines",
		"ignoreheader", "null", "removequotes", "roundec", "timeformat", "trimblanks", "truncatecolumns", "comprows",
		"ignoreallerrors", "readratio", "ssh", "quote", "as")
}

func (p *copyParser) role() error {
	if p.next().is("default") {
		p.pos++
		p.out.Role = "default"
		return nil
	}
	role, err := p.literal()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(role, "arn:") {
		return &Error{Code: "XX000", Message: "Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or IAM_ROLE 'arn:...'", Hint: "IAM_ROLE 'arn:aws:iam::<account>:role/<name>'"}
	}
	p.out.Role = role
	return nil
}

func (p *copyParser) format(name string) error {
	if p.out.Format != "" {
		return &Error{Code: syntaxError, Message: "conflicting or redundant options", Hint: "One format."}
	}
	if p.next().is("as") {
		p.pos++
	}
	if name == "format" {
		if !p.next().is("json") {
			return p.option(strings.ToLower(p.next().Text))
		}
		p.pos++
		p.seen["json"] = true
	}
	how := "auto"
	if p.next().is("as") {
		p.pos++
	}
	if p.next().Kind == Literal {
		text, err := p.literal()
		if err != nil {
			return err
		}
		how = strings.ToLower(text)
	}
	switch f := Format(how); f {
	case NoShred, Auto, AutoIgnoreCase:
		p.out.Format = f
		return nil
	}
	if strings.HasPrefix(how, "s3://") {
		return notImitated("JSONPaths files", "Use 'noshred' or 'auto'.")
	}
	return &Error{Code: "XX000", Message: fmt.Sprintf("Invalid JSONPath format: %s", how), Hint: "'auto', 'auto ignorecase' or 'noshred'."}
}

// maxError reads the number of errors at which the load fails; 0 is 1.
// Source: Amazon Redshift Database Developer Guide, COPY, "Data load operations".
func (p *copyParser) maxError() error {
	if p.next().is("as") {
		p.pos++
	}
	n, err := strconv.Atoi(p.next().Text)
	if err != nil || p.next().Kind != Number {
		return p.unexpected("MAXERROR takes a number.")
	}
	if n > maxErrors {
		return &Error{Code: "22023", Message: fmt.Sprintf("MAXERROR value must be between 0 and %d", maxErrors), Hint: ""}
	}
	p.pos++
	p.out.Tolerated = max(0, n-1)
	return nil
}

func (p *copyParser) oneOf(words ...string) error {
	if p.next().isAny(words...) {
		p.pos++
	}
	return nil
}

func (p *copyParser) optionalAs(read func() (string, error)) (string, error) {
	if p.next().is("as") {
		p.pos++
	}
	return read()
}

// literal reads 'text'.
func (p *copyParser) literal() (string, error) {
	t := p.next()
	if t.Kind != Literal || !strings.HasSuffix(t.Text, "'") {
		return "", p.unexpected("a 'text' in quotes; bind parameters are not allowed in COPY")
	}
	p.pos++
	return unquote(t.Text), nil
}

// complete refuses a COPY that lacks what it needs.
func (p *copyParser) complete() error {
	if p.out.Role == "" {
		return &Error{Code: "XX000", Message: "Must specify credentials to load from S3", Hint: "IAM_ROLE 'arn:aws:iam::<account>:role/<name>'"}
	}
	if p.out.Format == "" {
		return notImitated("COPY of delimited text", "FORMAT JSON 'noshred' or 'auto'.")
	}
	return nil
}

// unquote is the value of 'text' or E'text'.
func unquote(literal string) string {
	body := strings.TrimLeft(literal, "eE")
	body = strings.ReplaceAll(body[1:len(body)-1], "''", "'")
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		if body[i] == '\\' && i+1 < len(body) {
			i++
		}
		b.WriteByte(body[i])
	}
	return b.String()
}
