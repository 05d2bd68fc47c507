//go:build unix

package evidence_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/evidence"
)

// violations are what each control has to find.
var violations = map[string]func(*house){
	"gdpr-5-1-e-terms": func(h *house) {
		h.admin(`update call set started_at = now() - interval '800 days', ended_at = now() - interval '799 days' where id <> $2 and hotel = $1`, h.call)
	},
	"gdpr-5-1-e-history": func(h *house) { h.keeps(31 * 24 * time.Hour) },
	"gdpr-5-1-e-runs":    func(h *house) { h.admin(`update retention_run set overdue = 3 where hotel = $1`) },
	"gdpr-5-2-log": func(h *house) {
		h.admin(`update audit_leaf set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), '"actor":"', '"actor":"x'), 'UTF8')
			where tenant = $1 and n = (select min(n) from audit_leaf where tenant = $1)`)
	},
	"gdpr-5-2-sequenced": func(h *house) {
		h.admin(`insert into audit_outbox (tenant, writer, seq, pseudonym, kind, actor, tag, commit, at)
			values ($1, gen_random_uuid(), 1, substr(sha256('x'), 1, 16), 'booking.confirmed', 'worker', substr(sha256('x'), 1, 16), sha256('x'), now() - interval '1 hour')`)
	},
	"gdpr-6-recording": func(h *house) { h.admin(`update recording set consent = 'none' where hotel = $1`) },
	"gdpr-6-transcript": func(h *house) {
		h.admin(`delete from consent_event where hotel = $1 and purpose = 'transcription' and scope = $2`, h.call)
	},
	"gdpr-7-1-wordings": func(h *house) {
		h.admin(`update consent_event set wording_hash = sha256('other words') where hotel = $1 and action = 'given' and scope = $2`, h.call)
	},
	"gdpr-7-3-withdrawal": func(h *house) { h.admin(`update turn set created_at = now() where hotel = $1 and call <> $2`, h.call) },
	"gdpr-12-1-letters":   func(h *house) { h.admin(`update message set state = 'failed' where hotel = $1 and id = 'm2'`) },
	"gdpr-12-3-deadline":  func(h *house) { h.admin(`update dsar_case set due_at = now() - interval '2 days' where hotel = $1`) },
	"gdpr-12-3-extension": func(h *house) {
		h.admin(`update dsar_case set extended_at = now() - interval '9 days' where hotel = $1 and extended_at is not null`)
	},
	"gdpr-12-4-refusal":  func(h *house) { h.admin(`update message set state = 'queued' where hotel = $1 and id = 'm1'`) },
	"gdpr-12-6-identity": func(h *house) { h.admin(`update dsar_case set proof = 'none' where hotel = $1 and kind = 'erasure'`) },
	"gdpr-24-instructed": func(h *house) {
		h.admin(`update dsar_procedure set confirmed_at = now() - interval '400 days' where hotel = $1`)
	},
	"gdpr-17-certificate": func(h *house) { h.admin(`delete from erasure_certificate where hotel = $1`) },
	"gdpr-17-gone": func(h *house) {
		h.admin(`insert into erasure_journal (hotel, scope, kept) values ($1, $2, '{booking}')`, h.booking)
	},
	"gdpr-17-3-holds": func(h *house) {
		h.admin(`update legal_hold set placed_at = now() - interval '9 days', review_at = now() - interval '1 day' where hotel = $1`)
	},
	"gdpr-18-3-lifted":    func(h *house) { h.admin(`update message set state = 'queued' where hotel = $1 and id = 'm2'`) },
	"gdpr-25-masking":     func(h *house) { h.admin(`update turn set masked_at = null where hotel = $1 and call <> $2`, h.call) },
	"gdpr-30-register":    func(h *house) { h.admin(`alter table guest add column passport text`) },
	"gdpr-32-separation":  func(h *house) { h.admin(`alter table guest no force row level security`) },
	"gdpr-33-2-told":      func(h *house) { h.admin(`update breach_note set happened_at = now() where kind = 'controller_told'`) },
	"gdpr-33-1-authority": func(h *house) { h.admin(`delete from breach_note where kind = 'authority_told'`) },
	"gdpr-44-endpoints":   func(h *house) { h.admin(`update region_check set state = 'FAIL' where hotel = ''`) },
	"gdpr-44-checked": func(h *house) {
		h.admin(`update region_check set checked_at = now() - interval '2 days' where hotel = $1`)
	},
	"ai-act-50-1-notice": func(h *house) {
		h.admin(`update call set notice_hash = sha256('other words') where hotel = $1 and id = $2`, h.call)
	},
	"ai-act-50-1-first": func(h *house) { h.admin(`update turn set from_ms = 5 where hotel = $1 and call = $2`, h.call) },
	"pci-3-3-1-fields":  func(h *house) { h.admin(`alter table guest add column card_number text`) },
	"gdpr-32-restore":   func(h *house) { h.ageRestore() },
}

// ageRestore makes the proven restore older than a year.
func (h *house) ageRestore() {
	h.admin(`update audit_leaf set leaf = convert_to(regexp_replace(convert_from(leaf, 'UTF8'), '"time":\d+', '"time":1600000000000000'), 'UTF8') where tenant = 'voicehive-house'`)
}

func states(t *testing.T, h *house) map[string]evidence.Result {
	t.Helper()
	results, err := h.collector.Judge(t.Context(), h.request)
	require.NoError(t, err)
	found := map[string]evidence.Result{}
	for _, r := range results {
		found[r.Control] = r
	}
	return found
}

// TestControlsAreJudgedByData: each control is satisfied by data as it should
// be, and not satisfied once something wrong is planted.
func TestControlsAreJudgedByData(t *testing.T) {
	t.Parallel()
	controls, _, err := evidence.Controls()
	require.NoError(t, err)
	for _, c := range controls {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			plant := violations[c.ID]
			require.NotNil(t, plant, "nothing wrong is known for this control")
			h := open(t).live()
			before := states(t, h)[c.ID]
			require.Equal(t, evidence.Satisfied, before.State, "%+v", before)
			require.Positive(t, before.Cases)
			plant(h)
			after := states(t, h)[c.ID]
			require.Equal(t, evidence.NotSatisfied, after.State, "%+v", after)
		})
	}
}

// TestNothingToLookAtIsNotTested: a hotel without guests satisfies nothing that
// is about guests.
func TestNothingToLookAtIsNotTested(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.collector.Overdue, h.collector.History = nil, nil
	for id, r := range states(t, h) {
		switch id {
		case "gdpr-30-register", "gdpr-32-separation", "pci-3-3-1-fields": // the database itself
			require.Equal(t, evidence.Satisfied, r.State, id)
		default:
			require.Equal(t, evidence.NotTested, r.State, id)
			require.NotEmpty(t, r.Why, id)
		}
	}
}

func TestAnotherHotelsFaultsAreNotOurs(t *testing.T) {
	t.Parallel()
	h := open(t).live()
	h.admin(`insert into recording (hotel, id, call, object, from_ms, to_ms, consent, bytes, sha256) values ('hotel-boreal', 'r9', 'x', 'recordings/r9', 0, 9, 'none', 1, sha256('x'))`)
	require.Equal(t, evidence.Satisfied, states(t, h)["gdpr-6-recording"].State)
}

func TestAListOfControlsThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	const good = `
frameworks: [{id: gdpr, title: GDPR}]
controls: [{id: one, title: t, maps: [gdpr Art. 1], how: h, as: tenant, query: select 1}]`
	_, _, err := evidence.ParseControls([]byte(good))
	require.NoError(t, err)
	for _, change := range [][2]string{
		{"as: tenant", "as: superuser"}, {"query: select 1", "check: nothing"}, {"gdpr Art. 1", "iso 1"}, {"gdpr Art. 1", "gdpr"},
		{"id: one", "id: One"}, {", query: select 1", ""}, {"title: t,", "titel: t,"},
	} {
		_, _, err := evidence.ParseControls(bytes.Replace([]byte(good), []byte(change[0]), []byte(change[1]), 1))
		require.ErrorIs(t, err, evidence.ErrControls, strings.Join(change[:], " -> "))
	}
}
