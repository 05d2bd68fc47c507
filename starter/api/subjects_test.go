package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/consent/consenttest"
	"github.com/voicehive/voicehive/compliance/subjects"
	"github.com/voicehive/voicehive/starter"
)

const subjectsPath = "/v1/hotels/" + consenttest.Aurora + "/subjects/"

// ask posts a question as a compliance officer and reads the answer.
func ask[A any](t *testing.T, b *deskBench, status int, path, body string) (a A) {
	t.Helper()
	answer := b.send(t, request{method: http.MethodPost, path: subjectsPath + path, body: body, as: "compliance"})
	require.Equal(t, status, answer.Code, "%s %s: %s", path, body, answer.Body)
	require.NotContains(t, answer.Body.String(), "Zzyzx", "no answer repeats what it was asked")
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &a))
	return a
}

func zzyzx(phone string) subjects.Person {
	return subjects.Person{FirstName: "Ada", LastName: "Zzyzx", Phone: phone, Country: "DE"}
}

const herPhone, hisPhone = "+49 30 5550199", "+49 30 5550188"

func TestSubjectsThroughTheAPI(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	his := zzyzx(herPhone)
	his.FirstName = "William"
	one, two, three := b.house.Booking(consenttest.Aurora, zzyzx(herPhone)), b.house.Booking(consenttest.Aurora, zzyzx(herPhone)), b.house.Booking(consenttest.Aurora, his)
	foreign := b.house.Booking(consenttest.Boreal, zzyzx(herPhone))

	found := ask[starter.People](t, b, http.StatusOK, "lookups", `{"phone": "030 5550199"}`)
	require.Len(t, found.People, 2, "a number without + is of the hotel's country")
	require.False(t, found.Truncated)
	show := func(scope string) starter.Profile {
		return ask[starter.Profile](t, b, http.StatusOK, "profiles", `{"scope": "`+scope+`"}`)
	}
	hers, before := show(one), show(three)
	require.ElementsMatch(t, []string{one, two}, hers.Scopes)
	require.Equal(t, before.Subject, hers.Candidates[0].Subject)
	require.Equal(t, []subjects.Kind{subjects.KindPhone}, hers.Candidates[0].Because)
	require.Equal(t, hers, ask[starter.Profile](t, b, http.StatusOK, "profiles", `{"subject": "`+hers.Subject+`"}`))
	require.Equal(t, hers, ask[starter.Profile](t, b, http.StatusOK, "profiles", `{"person": {"first_name": "ada", "last_name": "ZZYZX"}}`))

	// Merged, undone: as before. Merged, split: the same people again.
	merge := `{"from": "` + three + `", "into": "` + hers.Subject + `", "reason": "guest_confirmed", "note": "Zzyzx showed a passport"}`
	merged := ask[starter.Decided](t, b, http.StatusCreated, "merges", merge)
	require.Equal(t, hers.Subject, merged.Subject)
	require.ElementsMatch(t, []string{one, two, three}, show(one).Scopes)
	refused(t, b, starter.AlreadyMerged, "merges", merge)
	refused(t, b, starter.AlreadyMerged, "profiles", `{"subject": "`+before.Subject+`"}`)
	ask[starter.Decided](t, b, http.StatusCreated, "decisions/"+merged.Decision+"/undo", `{"reason": "mistaken_identity"}`)
	after := show(three)
	require.Equal(t, before.Subject, after.Subject)
	require.Equal(t, before.Scopes, after.Scopes)
	require.Len(t, after.Decisions, 2)
	require.Regexp(t, `^compliance:[0-9a-f]{16}$`, after.Decisions[0].Actor)
	refused(t, b, starter.UnknownDecision, "decisions/"+merged.Decision+"/undo", `{"reason": "mistaken_identity"}`)
	ask[starter.Decided](t, b, http.StatusCreated, "merges", merge)
	split := ask[starter.Decided](t, b, http.StatusCreated, "splits", `{"scopes": ["`+three+`"], "reason": "shared_contact"}`)
	require.Equal(t, split.Subject, show(three).Subject)
	require.ElementsMatch(t, []string{one, two}, show(one).Scopes)

	// Another hotel's guest is nobody here.
	refused(t, b, starter.UnknownSubject, "profiles", `{"scope": "`+foreign+`"}`)
	refused(t, b, starter.UnknownSubject, "merges", `{"from": "`+foreign+`", "into": "`+one+`", "reason": "guest_confirmed"}`)
	theirs, err := b.house.Desk.Of(t.Context(), consenttest.Boreal, foreign)
	require.NoError(t, err)
	refused(t, b, starter.UnknownSubject, "profiles", `{"subject": "`+theirs.UUID().String()+`"}`)

	require.Equal(t, 4, b.house.Count(`select count(*) from audit_outbox where kind in ('subject.merged', 'subject.split')`))
	require.NotContains(t, b.log.String(), "Zzyzx")
	require.NotContains(t, b.log.String(), "5550199")
	require.NotContains(t, b.log.String(), hers.Subject, "a subject's number stands in no log")
}

func refused(t *testing.T, b *deskBench, kind starter.Kind, path, body string) {
	t.Helper()
	answer := b.send(t, request{method: http.MethodPost, path: subjectsPath + path, body: body, as: "compliance"})
	require.Equal(t, kind.Status, answer.Code, "%s %s: %s", path, body, answer.Body)
	require.Contains(t, answer.Body.String(), "/problems/"+kind.Code, body)
	require.NotContains(t, answer.Body.String(), "Zzyzx", body)
}

// TestRefusedSubjects: what is refused changes nothing.
func TestRefusedSubjects(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	one, two := b.house.Booking(consenttest.Aurora, zzyzx(herPhone)), b.house.Booking(consenttest.Aurora, zzyzx(hisPhone))
	nobody := ulid.Make().String()
	long := strings.Repeat("Zzyzx", 100)
	for _, test := range []struct {
		path, body string
		kind       starter.Kind
	}{
		{"lookups", `{}`, starter.InvalidRequest},
		{"lookups", `{"first_name": "Zzyzx"}`, starter.InvalidRequest},
		{"lookups", `{"last_name": "` + long + `"}`, starter.InvalidRequest},
		{"lookups", `{"last_name": "Zzyzx\u0001"}`, starter.InvalidRequest},
		{"lookups", `{"surname": "Zzyzx"}`, starter.InvalidRequest},
		{"lookups", `{"last_name": ["Zzyzx"]}`, starter.InvalidRequest},
		{"lookups", `{"last_name": "Zzyzx"`, starter.MalformedRequest},
		{"lookups", `{"last_name": "` + strings.Repeat("x", 70_000) + `"}`, starter.TooLarge},
		{"profiles", `{}`, starter.InvalidRequest},
		{"profiles", `{"scope": "` + one + `", "person": {"last_name": "Zzyzx"}}`, starter.InvalidRequest},
		{"profiles", `{"scope": "Zzyzx"}`, starter.InvalidRequest},
		{"profiles", `{"scope": "` + nobody + `"}`, starter.UnknownSubject},
		{"profiles", `{"subject": "` + uuid.NewString() + `"}`, starter.UnknownSubject},
		{"profiles", `{"person": {"last_name": "Nobody"}}`, starter.UnknownSubject},
		{"profiles", `{"person": {"last_name": "Zzyzx"}}`, starter.AmbiguousSubject},
		{"profiles", `{"person": {"phone": "` + herPhone + `", "email": "nobody@example.org", "last_name": "Zzyzx"}}`, starter.AmbiguousSubject},
		{"merges", `{"from": "` + one + `", "into": "` + nobody + `", "reason": "guest_confirmed"}`, starter.UnknownSubject},
		{"merges", `{"from": "` + one + `", "into": "` + one + `", "reason": "guest_confirmed"}`, starter.AlreadyMerged},
		{"merges", `{"from": "` + one + `", "into": "` + two + `", "reason": "Zzyzx"}`, starter.InvalidRequest},
		{"merges", `{"from": "` + one + `", "into": "` + two + `"}`, starter.InvalidRequest},
		{"merges", `{"from": "` + one + `", "into": "` + two + `", "reason": "guest_confirmed", "note": "` + long + long + long + long + long + `"}`, starter.InvalidRequest},
		{"splits", `{"scopes": [], "reason": "shared_contact"}`, starter.InvalidRequest},
		{"splits", `{"scopes": ["` + one + `"], "reason": "shared_contact"}`, starter.ImpossibleSplit},
		{"splits", `{"scopes": ["` + one + `", "` + two + `"], "reason": "shared_contact"}`, starter.ImpossibleSplit},
		{"decisions/" + nobody + "/undo", `{"reason": "mistaken_identity"}`, starter.UnknownDecision},
		{"decisions/x/undo", `{"reason": "mistaken_identity"}`, starter.UnknownDecision},
	} {
		refused(t, b, test.kind, test.path, test.body)
	}
	require.Zero(t, b.house.Count(`select count(*) from subject_decision`))

	for role, may := range map[string]bool{"agent": false, "compliance": true, "ops": false, "admin": false} {
		answer := b.send(t, request{method: http.MethodPost, path: subjectsPath + "lookups", body: `{"last_name": "Zzyzx"}`, as: role})
		require.Equal(t, may, answer.Code == http.StatusOK, "%s: %s", role, answer.Body)
	}
	elsewhere := request{method: http.MethodPost, path: "/v1/hotels/" + consenttest.Boreal + "/subjects/lookups", body: `{"last_name": "Zzyzx"}`, as: "compliance"}
	require.Equal(t, http.StatusForbidden, b.send(t, elsewhere).Code)
	elsewhere.as = "-"
	require.Equal(t, http.StatusUnauthorized, b.send(t, elsewhere).Code)
	require.Equal(t, http.StatusMethodNotAllowed, b.send(t, request{method: http.MethodGet, path: subjectsPath + "lookups?last_name=Zzyzx", as: "compliance"}).Code)
}

func TestLookupsAreCounted(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	last := 0
	for range 40 {
		answer := b.send(t, request{method: http.MethodPost, path: subjectsPath + "lookups", body: `{"last_name": "Zzyzx"}`, as: "compliance"})
		if last = answer.Code; last != http.StatusOK {
			require.NotEmpty(t, answer.Header().Get("Retry-After"))
			break
		}
	}
	require.Equal(t, http.StatusTooManyRequests, last)
}

func TestSubjectsAreDocumented(t *testing.T) {
	t.Parallel()
	b := newDeskBench(t)
	text := b.send(t, request{method: http.MethodGet, path: "/openapi.json", as: "-"}).Body.Bytes()
	doc, err := openapi3.NewLoader().LoadFromData(text)
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
	for _, path := range []string{"lookups", "profiles", "merges", "splits", "decisions/{decision}/undo"} {
		item := doc.Paths.Value("/v1/hotels/{hotel}/subjects/" + path)
		require.NotNil(t, item, path)
		require.NotNil(t, item.Post.RequestBody, path)
		require.NotNil(t, item.Post.Responses.Value("404"), path)
	}
	page := b.send(t, request{method: http.MethodGet, path: "/docs", as: "-"})
	require.Equal(t, http.StatusOK, page.Code)
	require.Contains(t, page.Body.String(), "find-subjects")
}
