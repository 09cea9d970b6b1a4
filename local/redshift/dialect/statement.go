package dialect

import "strings"

// Action is what a session has to do with a statement beyond handing it on.
type Action uint8

const (
	Run      Action = iota // hand the translated text to PostgreSQL
	Copy                   // load files: see Command.Copy
	Truncate               // run it, then commit
	Commit                 // run it; the place where a commit may be lost or refused
	Alone                  // run it, but not inside a transaction
)

// Command is one statement, ready to be carried out.
type Command struct {
	Action Action
	SQL    string // PostgreSQL's text; empty for an empty statement
	Tag    string // what the client is told was done, when PostgreSQL's own tag would differ; else empty
	Copy   *CopyStatement
	// SeesLoads is true for a statement that asks about this session's last COPY.
	SeesLoads bool
	// SeesClock is true for a statement that asks for the time.
	SeesClock bool
}

// Translator turns Redshift's statements into PostgreSQL's. It may be used by several goroutines.
type Translator struct {
	rules     []Rule
	functions map[string]functionClass
	reserved  map[string]bool
	grammar   map[string]bool
}

// New makes a translator.
func New() *Translator {
	t := &Translator{functions: functions(), reserved: reservedWords(), grammar: grammarWords()}
	t.rules = t.ruleTable()
	return t
}

// Translate cuts sql into statements and turns each into what PostgreSQL understands. What Redshift would refuse, and
// what is not imitated, is an *Error.
func (t *Translator) Translate(sql string) ([]Command, error) {
	tokens, err := lex(sql)
	if err != nil {
		return nil, err
	}
	var commands []Command
	for _, part := range statements(tokens) {
		c, err := t.translate(part)
		if err != nil {
			return nil, err
		}
		commands = append(commands, c)
	}
	return commands, nil
}

// statements cuts at the semicolons outside of brackets; empty statements are left out.
func statements(ts Tokens) []Tokens {
	var out []Tokens
	for from := 0; from < len(ts); {
		end := ts.find(from, len(ts), ";")
		if end < 0 {
			end = len(ts)
		}
		if end > from {
			out = append(out, ts[from:end:end])
		}
		from = end + 1
	}
	return out
}

func (t *Translator) translate(ts Tokens) (Command, error) {
	if ts.words(0, "copy") {
		c, err := parseCopy(ts)
		return Command{Action: Copy, Copy: c, Tag: "COPY"}, err
	}
	s := newStatement(ts)
	c := Command{Action: action(ts), SeesLoads: s.seesLoads(), SeesClock: s.seesClock()}
	for _, r := range t.rules {
		if r.apply == nil {
			continue
		}
		if err := r.apply(s); err != nil {
			return Command{}, err
		}
	}
	c.SQL, c.Tag = s.tokens.String(), s.tag
	return c, nil
}

func action(ts Tokens) Action {
	switch {
	case ts.words(0, "truncate"):
		return Truncate
	case ts.at(0).isAny("commit", "end"):
		return Commit
	case altersColumn(ts):
		return Alone
	}
	return Run
}

// statement is what the rules work on.
type statement struct {
	tokens Tokens
	tag    string
	scope  *scope // nil after a change of the tokens: see tables
	// sortKey are the columns by which a new table is sorted.
	sortKey []string
	// leader is true for what Redshift's leader node answers by itself: it reads no user's table and writes none.
	leader bool
	// catalog is true for a leader's statement over system tables: those pass with all that PostgreSQL knows, because
	// drivers and tools write them.
	catalog bool
}

func newStatement(ts Tokens) *statement {
	s := &statement{tokens: append(Tokens{}, ts...)}
	s.leader = s.tables().onlyCatalog() && !s.writes()
	s.catalog = s.leader && s.tables().anyTable()
	return s
}

// tables is what the FROM clauses name, as the tokens stand now.
func (s *statement) tables() scope {
	if s.scope == nil {
		found := scan(s.tokens)
		s.scope = &found
	}
	return *s.scope
}

func (s *statement) replace(from, end int, sql string) {
	s.tokens = s.tokens.replace(from, end, sql)
	s.scope = nil
}

func (s *statement) remove(from, end int) {
	s.tokens = append(s.tokens[:from:from], s.tokens[end:]...)
	s.scope = nil
}

func (s *statement) starts(words ...string) bool { return s.tokens.words(0, words...) }

// writes is true for what changes tables or defines them.
func (s *statement) writes() bool {
	return s.tokens.at(0).isAny("insert", "update", "delete", "merge", "create", "alter")
}

// queries is the index from which the statement is a query, or its length when no part is one.
func (s *statement) queries() int {
	switch first := s.tokens.at(0); {
	case first.isAny("select", "with", "insert", "update", "delete", "merge", "explain", "values", "(", "declare"):
		return 0
	case first.is("create"):
		for i, t := range s.tokens {
			if t.isAny("select", "with") && s.tokens.at(i-1).isAny("as", "(") {
				return i
			}
		}
	}
	return len(s.tokens)
}

// seesLoads tells whether the last COPY of this session matters to the statement.
func (s *statement) seesLoads() bool {
	for _, t := range s.tokens {
		name := strings.ToLower(t.Text)
		if t.Kind == Word && (strings.HasPrefix(name, "pg_last_copy_") || strings.HasPrefix(name, "sys_load_") ||
			name == "pg_last_query_id") {
			return true
		}
	}
	return false
}

func (s *statement) seesClock() bool {
	for _, t := range s.tokens {
		if t.Kind == Word && t.isAny("getdate", "sysdate", "current_date") {
			return true
		}
	}
	return false
}
