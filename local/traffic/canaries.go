package traffic

import "strings"

// Canaries are the texts of the plan that no log may hold, each with its kind: device ids, wrong tokens, and order ids, which stand for
// whole query strings. Each is one word of letters, digits and '-'.
func (p *Plan) Canaries() map[string]string {
	canaries := map[string]string{}
	for _, s := range p.Steps {
		if s.Click != nil && s.Click.DeviceID != "" {
			canaries[s.Click.DeviceID] = "device id"
		}
		if s.Request == nil {
			continue
		}
		if s.Request.Wrong != "" {
			canaries[s.Request.Wrong] = "token"
		}
		for _, param := range s.Request.Params {
			switch param.Key {
			case "advertising_id", "idfa", "gps_adid", "adid", "appsflyer_id", "aaid", "aifa", "device_id", "kochava_device_id":
				canaries[param.Value] = "device id"
			case "partner_event_id", "order_id", "event_id":
				canaries[strings.TrimSpace(param.Value)] = "query string"
			}
		}
	}
	return canaries
}
