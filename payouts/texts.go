package payouts

import "channelbook/internal/calendar"

// What people read beside sums.
const textNoStatement = "Без ведомости"

func textStatement(company string, p calendar.Period) string {
	return company + ": ведомость за " + p.Name()
}
