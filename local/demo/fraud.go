package demo

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"backstop/local/traffic"
)

// RuleScore is how well one heuristic rule found what was planted for it, over all days.
type RuleScore struct {
	Rule    string `json:"rule"`
	Name    string `json:"name"`
	Hits    int    `json:"hits"`    // conversions that it flagged
	Planted int    `json:"planted"` // conversions that were planted for it
	Found   int    `json:"found"`   // planted ones among its hits

	Precision *float64 `json:"precision"` // found of the hits; null without any
	Recall    *float64 `json:"recall"`    // found of the planted; null without any
}

// scoreRules holds the flags of every active heuristic rule against the truth.
func scoreRules(ctx context.Context, db *sql.DB, truth traffic.Truth) ([]RuleScore, error) {
	planted := map[string]map[string]bool{} // rule → first postbacks
	for _, conversion := range truth.Conversions {
		for _, rule := range conversion.Rules {
			if planted[rule] == nil {
				planted[rule] = map[string]bool{}
			}
			planted[rule][conversion.FirstPostbackID] = true
		}
	}
	scores := map[string]*RuleScore{}
	err := eachRow(ctx, db, `select r.rule_id, r.name, c.first_postback_id
		from seeds.fraud_rules r
		left join intermediate.int_conversion_flags f on f.rule_id = r.rule_id
		left join marts.fct_conversions c on c.conversion_id = f.conversion_id
		where r.status = 'active' and r.severity = 'heuristic'`, func(row *sql.Rows) error {
		var rule, name string
		var postback sql.NullString
		err := row.Scan(&rule, &name, &postback)
		score := scores[rule]
		if score == nil {
			score = &RuleScore{Rule: rule, Name: name, Planted: len(planted[rule])}
			scores[rule] = score
		}
		if postback.Valid {
			score.Hits++
			if planted[rule][postback.String] {
				score.Found++
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("score the fraud rules: %w", err)
	}
	var sorted []RuleScore
	for _, score := range scores {
		score.Precision, score.Recall = share(score.Found, score.Hits), share(score.Found, score.Planted)
		sorted = append(sorted, *score)
	}
	slices.SortFunc(sorted, func(a, b RuleScore) int {
		return cmp.Or(cmp.Compare(number(a.Rule), number(b.Rule)), cmp.Compare(a.Rule, b.Rule))
	})
	return sorted, nil
}

func share(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	of := float64(part) / float64(whole)
	return &of
}

// number orders F2 before F10.
func number(rule string) string {
	digits := strings.TrimRight(strings.TrimPrefix(rule, "F"), "b")
	return fmt.Sprintf("%03s", digits)
}
