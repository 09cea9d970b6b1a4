package redshift

import (
	"strconv"
	"strings"
	"unicode"

	"backstop/loader"
)

// MostErrors is how many bad lines of a partition can be tolerated: COPY takes MAXERROR up to 100,000.
const MostErrors = 99_999

// The fixed statements of the load transaction.
const (
	lockStatement  = "LOCK landing.load_lock"
	clockStatement = "SELECT GETDATE()"
	createStage    = "CREATE TEMP TABLE stage (payload SUPER)"
	lastCopy       = "SELECT pg_last_copy_count(), pg_last_copy_id()"
	countStrangers = "SELECT COUNT(*) FROM stage WHERE NOT IS_OBJECT(payload)"
	dropStage      = "DROP TABLE stage"
)

func (w *Warehouse) copyStatement(r loader.Replacement) (string, error) {
	return copyStatement(r.ManifestURL, w.config.CopyRole, w.config.Region, r.MaxErrors)
}

// copyStatement is the text of the COPY into the one-column table stage. Redshift accepts no parameters in COPY, so the literals
// are quoted here. Every option is meant: GZIP and the manifest's mandatory files make a wrong or missing file an error, MAXERROR 0
// makes a bad line one, and nothing that would bend data silently (TRUNCATECOLUMNS, ACCEPTINVCHARS) is there. COPY fails when the
// errors reach MAXERROR ("Data load operations" of Redshift's guide), so that maxErrors are tolerated by one more.
func copyStatement(manifestURL, role, region string, maxErrors int) (string, error) {
	if maxErrors < 0 || maxErrors > MostErrors {
		return "", loader.Fail(loader.Configuration, "%d bad lines cannot be tolerated; 0 to %d can", maxErrors, MostErrors)
	}
	if maxErrors > 0 {
		maxErrors++
	}
	var quoted [3]string
	for i, value := range []string{manifestURL, role, region} {
		literal, err := quote(value)
		if err != nil {
			return "", err
		}
		quoted[i] = literal
	}
	return "COPY stage FROM " + quoted[0] + " IAM_ROLE " + quoted[1] +
		" FORMAT JSON 'noshred' GZIP MANIFEST REGION " + quoted[2] + " MAXERROR " + strconv.Itoa(maxErrors) + " COMPUPDATE OFF STATUPDATE OFF", nil
}

// quote makes a SQL literal. Backslashes are refused, because whether they escape depends on a setting of the server.
func quote(value string) (string, error) {
	if value == "" {
		return "", loader.Fail(loader.Configuration, "COPY needs a manifest, a role and a region, and one of them is empty")
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r == '\\' || unicode.IsControl(r) }) {
		return "", loader.Fail(loader.Configuration, "%q holds a backslash or a control character and cannot stand in a COPY", value)
	}
	return "'" + strings.ReplaceAll(value, "'", "''") + "'", nil
}
