//go:build unix

package starter_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/documents"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/register"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/compliance/rights/procedure"
	"github.com/voicehive/voicehive/internal/notify/sink"
	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/workflows/dsar/dsartest"
	eraseflow "github.com/voicehive/voicehive/workflows/erasure"
)

// The supervisory authorities' report on erasure names seven faults that keep
// coming back. Five are those of compliance/erasure; these are the two that are
// about people.

// No training: nobody decides about a request who has not confirmed today's
// written procedure, and what they tried stands in the audit log. It counts for
// a year, for the person, and for the hotel.
func TestFaultOfNoTraining(t *testing.T) {
	t.Parallel()
	o := newBureau(t)
	o.Procedures = procedure.New(o.Pool, o.Writer)
	o.Work(worker.Options{})
	ctx := t.Context()
	c, _, err := o.Requests.Open(ctx, dsartest.Aurora, ann, fresh(), rights.ByAPI, starter.OpenRequest{Kind: rights.Erasure, Scope: o.Guest(dsartest.Ada())})
	require.NoError(t, err, "a request is taken from anybody")
	kept := rights.Case{Hotel: dsartest.Aurora, ID: c.ID}
	o.Await(kept, rights.Verifying)
	decisions := map[string]func(key string) error{
		"vouch": func(key string) error {
			_, err := o.Verify(ctx, dsartest.Aurora, ann, key, c.ID, starter.VerifyRequest{Manual: true})
			return err
		},
		"approve": func(key string) error {
			_, err := o.Approve(ctx, dsartest.Aurora, ann, key, c.ID, starter.ApproveRequest{PlanHash: "0"})
			return err
		},
		"extend": func(key string) error {
			_, err := o.Extend(ctx, dsartest.Aurora, ann, key, c.ID, starter.ExtendRequest{Reasons: []string{"complexity"}})
			return err
		},
		"refuse": func(key string) error {
			_, err := o.Refuse(ctx, dsartest.Aurora, ann, key, c.ID, starter.RefuseRequest{Reasons: []string{"excessive"}})
			return err
		},
	}
	for name, decide := range decisions {
		var p *starter.Problem
		require.ErrorAs(t, decide(fresh()), &p, name)
		require.Equal(t, starter.ProcedureUnread.Code, p.Code, name)
	}
	require.Equal(t, len(decisions), o.Count(`select count(*) from audit_outbox where kind = 'dsar.act_refused'`))
	require.Equal(t, rights.Verifying, o.Read(kept).State)
	_, err = o.Verify(ctx, dsartest.Aurora, ann, fresh(), c.ID, starter.VerifyRequest{Send: true})
	require.NoError(t, err, "sending a code decides nothing")

	read, err := o.Procedure(ctx, dsartest.Aurora, ann)
	require.NoError(t, err)
	require.True(t, read.ConfirmedAt.IsZero())
	for _, tell := range []string{"erasure plan", "complain", "Backups", "deleted", "Extend only", "authority"} {
		require.Contains(t, read.Text, tell)
	}
	_, err = o.ConfirmProcedure(ctx, dsartest.Aurora, ann, starter.ProcedureConfirmation{Version: "0123456789ab"})
	refusedWith(t, err, starter.InvalidRequest)
	again := fresh()
	refusedWith(t, decisions["vouch"](again), starter.ProcedureUnread)
	confirmed, err := o.ConfirmProcedure(ctx, dsartest.Aurora, ann, starter.ProcedureConfirmation{Version: read.Version})
	require.NoError(t, err)
	require.False(t, confirmed.ConfirmedAt.IsZero())
	require.Equal(t, 1, o.Count(`select count(*) from audit_outbox where kind = 'dsar.procedure_confirmed'`))
	require.NoError(t, decisions["vouch"](again), "the same request again is done now")
	_, err = o.Verify(ctx, dsartest.Aurora, ben, fresh(), c.ID, starter.VerifyRequest{Manual: true})
	refusedWith(t, err, starter.ProcedureUnread)

	o.Database.Admin(t, `update dsar_procedure set confirmed_at = now() - interval '367 days'`)
	refusedWith(t, decisions["refuse"](fresh()), starter.ProcedureUnread)
	o.Database.Admin(t, `update dsar_procedure set confirmed_at = now(), version = '0123456789ab'`)
	refusedWith(t, decisions["refuse"](fresh()), starter.ProcedureUnread)
}

// Weak information: guests are told before they ask, in each language, what they
// can ask for and where to complain; and whoever asks hears in their own
// language that it came, by when it is answered, and what came of it: why it is
// refused, what is kept until when, when the last copy is gone, and in each of
// these cases where to complain.
func TestFaultOfWeakInformation(t *testing.T) {
	t.Parallel()
	tellsInEveryLanguage(t)
	o := newBureau(t)
	o.Stand.Erasures = []eraseflow.Result{{State: eraseflow.Partly, Certificate: "C", Left: []erasure.Kept{{
		Class: register.Invoice, Records: 1, Verdict: erasure.Verdict{Action: erasure.Restrict, Until: time.Date(2034, 12, 31, 0, 0, 0, 0, time.UTC)},
	}}}}
	o.Work(worker.Options{})
	opened := map[string]starter.Case{}
	for _, language := range letters.Languages() {
		guest := dsartest.Ada()
		guest.Language, guest.Email = language, language+"@example.org"
		c, _, err := o.Requests.Open(t.Context(), dsartest.Aurora, ann, fresh(), rights.ByAPI, starter.OpenRequest{Kind: rights.Erasure, Scope: o.Guest(guest)})
		require.NoError(t, err)
		opened[language] = c
	}
	for language, c := range opened {
		o.told(c, language, 1, c.Clock.DueDay[8:], c.Clock.DueDay[:4])
		for _, who := range []string{ann, ben} {
			_, err := o.Verify(t.Context(), dsartest.Aurora, who, fresh(), c.ID, starter.VerifyRequest{Manual: true})
			require.NoError(t, err)
		}
	}
	for language, c := range opened {
		if language == "pl" || language == "es" {
			words := "Nobody answered, " + language
			_, err := o.Refuse(t.Context(), dsartest.Aurora, ann, fresh(), c.ID, starter.RefuseRequest{Reasons: []string{"identity"}, Explanation: words})
			require.NoError(t, err)
			o.told(c, language, 2, words, "12", "https://www.bfdi.bund.de", courts[language])
			continue
		}
		o.Await(rights.Case{Hotel: dsartest.Aurora, ID: c.ID}, rights.Deciding)
		for _, who := range []string{ann, ben} {
			_, err := o.Approve(t.Context(), dsartest.Aurora, who, fresh(), c.ID, o.seen(c.ID))
			require.NoError(t, err)
		}
		o.told(c, language, 2, "17", "2034", "https://www.bfdi.bund.de", courts[language])
	}
}

// courts is how a letter tells that a court can be asked.
var courts = map[string]string{
	"en": "court", "de": "Gericht", "fr": "justice", "es": "tribunales", "it": "giudice", "nl": "rechter", "pl": "sądu",
}

// told waits for so many letters about a request, and looks for what the last
// one has to say; all go to the guest, in their language.
func (b *bureau) told(c starter.Case, language string, count int, facts ...string) {
	b.t.Helper()
	var found []sink.Received
	require.Eventually(b.t, func() bool {
		found = nil
		for _, m := range b.Mailbox.Messages() {
			if strings.Contains(m.Subject+m.Text, c.ID) {
				found = append(found, m)
			}
		}
		return len(found) >= count
	}, time.Minute, 20*time.Millisecond, "no %d letters in %s", count, language)
	require.Len(b.t, found, count)
	for _, m := range found {
		require.Equal(b.t, language, m.Language)
		require.Equal(b.t, []string{language + "@example.org"}, m.To)
	}
	for _, fact := range facts {
		require.Contains(b.t, found[count-1].Text, strings.TrimPrefix(fact, "0"), language)
	}
}

// tellsInEveryLanguage looks for what Articles 13 and 14 GDPR ask of a privacy
// notice and is the same in all languages: each right with its article, the
// terms, the backups, the authorities.
func tellsInEveryLanguage(t *testing.T) {
	t.Helper()
	in, err := documents.Collect()
	require.NoError(t, err)
	all, err := documents.Build(in)
	require.NoError(t, err)
	notices := map[string]string{}
	for _, d := range all {
		if language, ok := strings.CutPrefix(d.Name, "privacy-notice-"); ok {
			notices[strings.TrimSuffix(language, ".md")] = string(d.Content)
		}
	}
	require.Len(t, notices, len(letters.Languages()))
	articles := regexp.MustCompile(`15\D{1,20}20\D.*21\D`)
	for _, language := range letters.Languages() {
		text := notices[language]
		require.Regexp(t, articles, text, language)
		require.Equal(t, strings.Count(notices["en"], "\n## "), strings.Count(text, "\n## "), language)
		require.GreaterOrEqual(t, strings.Count(text, "https://"), 10, "an authority of each country, in %s", language)
		terms := 0
		for _, rule := range in.Retention {
			if rule.Country == "" {
				terms++
			}
		}
		require.GreaterOrEqual(t, strings.Count(text, "\n| "), terms, language)
	}
}
