package demo

import (
	"time"

	entconsent "channelbook/ent/consent"
	"channelbook/ent/lead"
	"channelbook/ent/processingpurpose"
	"channelbook/ent/values"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/personaldata/consent"
)

// textVersion is what people agreed to all year.
const textVersion = "2025-09"

// consentTexts publishes what the forms show, for leads and, apart from it, for advertising.
func (f *filler) consentTexts() error {
	for code, text := range map[string]string{
		values.PurposeLead: "Даю ООО «Лиды и партнёры» согласие на обработку моих имени, телефона и адреса электронной почты, чтобы рассмотреть мою заявку " +
			"и передать её партнёру, который свяжется со мной. Согласие действует три года или до отзыва по адресу privacy@leads.example.",
		values.PurposeAdvertising: "Даю ООО «Лиды и партнёры» согласие на получение рекламы по телефону и электронной почте. " +
			"Отозвать его можно в любое время по адресу privacy@leads.example.",
	} {
		purpose, err := f.Consents.DB.ProcessingPurpose.Query().Where(processingpurpose.Code(code)).OnlyID(f.ctx)
		if err != nil {
			return err
		}
		term := 3 * 365
		if _, err := f.Consents.Publish(f.admin, consent.Text{PurposeID: purpose, Version: textVersion, Text: text, ValidDays: &term}); err != nil {
			return err
		}
	}
	return nil
}

// agreed is the proof that a form sends.
func agreed(purpose string, at time.Time) *values.Consent {
	return &values.Consent{
		Purpose: purpose, TextVersion: textVersion, GivenAt: at.Add(-time.Minute).Format(time.RFC3339), UserAgent: "Mozilla/5.0 (Demo)",
	}
}

// byPhone is a basis that an administrator got by calling.
func (f *filler) byPhone() *leads.Basis {
	return &leads.Basis{LegalBasis: lead.LegalBasisCONSENT, Consent: &consent.Given{
		TextVersion: textVersion, GivenAt: f.Clock.Now(), How: entconsent.HowVERBAL,
	}}
}

// withdrawals tells of a few people who took their consent back in the last days.
func (f *filler) withdrawals() error {
	f.Clock.set(f.now)
	ids, err := f.Consents.DB.Consent.Query().
		Where(entconsent.IsBasis(true), entconsent.HasLeadWith(lead.StatusEQ(lead.StatusREJECTED), lead.ReceivedAtGT(f.daysAgo(40)))).
		Order(entconsent.ByRecordedAt()).Limit(3).IDs(f.ctx)
	for i, id := range ids {
		if err == nil {
			err = f.withdraw(id, f.daysAgo(i))
		}
	}
	return err
}

func (f *filler) withdraw(id gid.ID, received time.Time) error {
	_, err := f.Consents.Withdraw(f.admin, consent.Withdrawal{
		ConsentID: id, ReceivedAt: &received, Channel: entconsent.WithdrawalChannelEMAIL, Comment: "Просит удалить свои данные",
	})
	return err
}
