package traffic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// open makes one offer with its goals and keeps their ids.
func (p *Player) open(ctx context.Context, o Offer) error {
	fields := map[string]string{
		"name": o.Name, "status": "active", "currency": o.Currency, "default_payout": o.Payout, "max_payout": o.Revenue,
		"session_hours": "720", "approve_conversions": flag(o.Approve), "has_goals_enabled": flag(len(o.Goals) > 0),
		"conversion_cap": strconv.Itoa(o.DailyCap), "offer_url": "https://mmp.example/" + o.AppID + "?" + clickParameter + "={transaction_id}",
	}
	offer, err := p.network.create(ctx, "Offer", fields)
	if err != nil {
		return err
	}
	ids := []string{}
	for _, g := range o.Goals {
		id, err := p.network.create(ctx, "Goal", g.fields(offer))
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	p.journal.Offers = append(p.journal.Offers, offer)
	p.journal.Goals = append(p.journal.Goals, ids)
	return nil
}

func (g Goal) fields(offer string) map[string]string {
	fields := map[string]string{
		"name": g.Name, "offer_id": offer, "status": "active", "allow_multiple_conversions": flag(g.Repeatable),
		"payout_type": "cpa_flat", "revenue_type": "cpa_flat", "default_payout": g.Payout, "max_payout": g.Revenue,
	}
	if g.Percent {
		fields["payout_type"], fields["revenue_type"] = "cpa_percentage", "cpa_percentage"
		fields["default_payout"], fields["max_payout"] = "0", "0"
		fields["percent_payout"], fields["max_percent_payout"] = g.Payout, g.Revenue
	}
	return fields
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// change updates an offer, once TUNE has judged everything that was sent before.
func (p *Player) change(ctx context.Context, step *Step) error {
	if err := p.drain(ctx); err != nil {
		return err
	}
	c := *step.Change
	params := url.Values{"id": {p.journal.Offers[c.Offer]}, "field": {c.Field}, "value": {c.Value}}
	if err := p.network.api(ctx, "Offer", "updateField", params, nil); err != nil {
		return err
	}
	p.journal.Changes = append(p.journal.Changes, Changed{Offer: c.Offer, Field: c.Field, Value: c.Value, At: step.At.Truncate(time.Second)})
	return nil
}

func (p *Player) book(ctx context.Context, a Adjustment) error {
	id, err := p.network.create(ctx, "Conversion", map[string]string{
		"offer_id": p.journal.Offers[a.Offer], "affiliate_id": a.Affiliate, "payout": a.Payout, "revenue": a.Revenue,
	})
	if err != nil {
		return err
	}
	p.journal.Booked = append(p.journal.Booked, id)
	return nil
}

// settle approves the pending conversion of a transaction. Where there is none, because its request had failed, nothing is approved.
func (p *Player) settle(ctx context.Context, transaction string) error {
	var found json.RawMessage
	now := p.clock.Now().In(p.plan.calendar.zone)
	filters := url.Values{
		"filters[ad_id]": {transaction}, "filters[status]": {"pending"},
		// TUNE does not finish in time without a window.
		"filters[datetime][conditional]": {"BETWEEN"},
		"filters[datetime][values][]":    {now.AddDate(0, 0, -7).Format(time.DateTime), now.Format(time.DateTime)},
	}
	if err := p.network.api(ctx, "Conversion", "findAll", filters, &found); err != nil {
		return err
	}
	if string(found) == "[]" {
		return nil
	}
	var pending map[string]json.RawMessage
	if err := json.Unmarshal(found, &pending); err != nil {
		return fmt.Errorf("read TUNE's pending conversions: %w", err)
	}
	for id := range pending {
		params := url.Values{"tune_event_id": {id}, "status": {"approved"}}
		if err := p.network.api(ctx, "Conversion", "updateStatus", params, nil); err != nil {
			return err
		}
	}
	return nil
}
