package redaction_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/pii/redaction"
)

var detector = pii.New(pii.Options{})

// keys are a guest's, in a test. Seal is no encryption: it only must come back.
type keys struct{ secret string }

func (k keys) MAC(_ context.Context, message []byte) ([]byte, error) {
	h := hmac.New(sha256.New, []byte(k.secret))
	h.Write(message)
	return h.Sum(nil), nil
}

func (k keys) Seal(ctx context.Context, place string, plain []byte) ([]byte, error) {
	sum, _ := k.MAC(ctx, append([]byte(place), plain...))
	out := append([]byte(nil), sum...)
	for i, b := range plain {
		out = append(out, b^sum[i%len(sum)])
	}
	return out, nil
}

func (k keys) Open(ctx context.Context, place string, sealed []byte) ([]byte, error) {
	if len(sealed) < 32 {
		return nil, errors.New("too short")
	}
	plain := append([]byte(nil), sealed[32:]...)
	for i := range plain {
		plain[i] ^= sealed[i%32]
	}
	sum, _ := k.MAC(ctx, append([]byte(place), plain...))
	if !hmac.Equal(sum, sealed[:32]) {
		return nil, errors.New("another key")
	}
	return plain, nil
}

type audit struct {
	values int
	fail   error
}

func (a *audit) Restoring(_ context.Context, _, _ string, values int) error {
	a.values += values
	return a.fail
}

func redactor(t require.TestingT, action redaction.Action) *redaction.Redactor {
	r, err := redaction.New(detector, redaction.Policy{Name: "test", Default: redaction.Rule{Action: action}}, keys{"guest"})
	require.NoError(t, err)
	return r
}

var introduction = pii.Request{Text: "hello my name is Margaret Oduya, thanks", Language: "en"}

func TestOperators(t *testing.T) {
	ctx := context.Background()
	for action, want := range map[redaction.Action]string{
		redaction.Keep:      "hello my name is Margaret Oduya, thanks",
		redaction.Replace:   "hello my name is <PERSON>, thanks",
		redaction.Pseudonym: "hello my name is <PERSON_1>, thanks",
		redaction.Mask:      "hello my name is ******** *****, thanks",
		redaction.Redact:    "hello my name is , thanks",
	} {
		got, err := redactor(t, action).Redact(ctx, introduction)
		require.NoError(t, err)
		require.Equal(t, want, got, action)
	}
	for _, action := range []redaction.Action{redaction.Hash, redaction.Tokenise} {
		first, err := redactor(t, action).Redact(ctx, introduction)
		require.NoError(t, err)
		again, err := redactor(t, action).Redact(ctx, introduction)
		require.NoError(t, err)
		require.Equal(t, first, again, "a value gives the same text each time")
		require.NotContains(t, first, "Oduya")
	}
}

func TestAPseudonymIsStableInACall(t *testing.T) {
	r := redactor(t, redaction.Pseudonym)
	for _, text := range []string{"my name is Margaret Oduya", "I am Margaret Oduya"} {
		got, err := r.Redact(context.Background(), pii.Request{Text: text, Language: "en"})
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(got, "<PERSON_1>"), got)
	}
}

func TestWhatIsReversibleComesBack(t *testing.T) {
	parts := []string{"my name is Margaret Oduya.", "ich heiße Jürgen Müller,", "<PERSON_1>", "<PERSON:t:AAAA>", "<PERSON_", "okay", "mail me at m.oduya@example.com", "é\u0301", "two rooms"}
	rapid.Check(t, func(t *rapid.T) {
		action := rapid.SampledFrom([]redaction.Action{redaction.Pseudonym, redaction.Encrypt, redaction.Tokenise}).Draw(t, "action")
		r := redactor(t, action)
		text := strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(parts), rapid.StringMatching(`[a-z <>_A-Z]{0,12}`)), 0, 8).Draw(t, "text"), " ")
		hidden, err := r.Redact(context.Background(), pii.Request{Text: text})
		require.NoError(t, err)
		log := new(audit)
		back, err := r.Restore(context.Background(), hidden, log, "officer", "a guest asked")
		require.NoError(t, err)
		require.Equal(t, text, back)
	})
}

func TestNothingIsRestoredWithoutTheAuditLog(t *testing.T) {
	r := redactor(t, redaction.Tokenise)
	hidden, err := r.Redact(context.Background(), introduction)
	require.NoError(t, err)
	_, err = r.Restore(context.Background(), hidden, nil, "officer", "why")
	require.ErrorIs(t, err, redaction.ErrNoReason)
	_, err = r.Restore(context.Background(), hidden, new(audit), "officer", "")
	require.ErrorIs(t, err, redaction.ErrNoReason)
	down := errors.New("down")
	_, err = r.Restore(context.Background(), hidden, &audit{fail: down}, "officer", "why")
	require.ErrorIs(t, err, down)
	other, err := redaction.New(detector, redaction.Policy{Default: redaction.Rule{Action: redaction.Tokenise}}, keys{"another guest"})
	require.NoError(t, err)
	got, err := other.Restore(context.Background(), hidden, new(audit), "officer", "why")
	require.NoError(t, err)
	require.Equal(t, hidden, got, "another guest's key opens nothing")
}

func TestCardDataIsNeverReversible(t *testing.T) {
	ctx := context.Background()
	text := "4539182736450188 09/27 331"
	spans := []pii.Span{{Type: pii.CreditCard, Start: 0, End: 16}, {Type: pii.CardExpiry, Start: 17, End: 22}, {Type: pii.CVV, Start: 23, End: 26}}
	for _, action := range []redaction.Action{redaction.Keep, redaction.Pseudonym, redaction.Hash, redaction.Encrypt, redaction.Tokenise} {
		r := redactor(t, action)
		got, err := r.Apply(ctx, text, spans)
		require.NoError(t, err)
		require.Equal(t, "<CREDIT_CARD> <CARD_EXPIRY> <CVV>", got, action)
		got, err = r.Apply(ctx, "4539182736450189", []pii.Span{{Type: pii.NumberSequence, End: 16}})
		require.NoError(t, err)
		require.Equal(t, "<NUMBER_SEQUENCE>", got, "a misheard card is one")
		p := redaction.Policy{Default: redaction.Rule{Action: redaction.Replace}, Types: map[pii.Type]redaction.Rule{pii.CreditCard: {Action: action}}}
		require.ErrorIs(t, p.Validate(), redaction.ErrPolicy)
	}
	r, err := redaction.New(detector, redaction.Policy{Default: redaction.Rule{Action: redaction.Mask, Last: 4}}, nil)
	require.NoError(t, err)
	got, err := r.Apply(ctx, text, spans)
	require.NoError(t, err)
	require.Equal(t, "************0188 <CARD_EXPIRY> <CVV>", got)
}

func TestAnExportKeepsTheSubjectAndMasksOthers(t *testing.T) {
	p, err := redaction.PolicyOf("dsar_export")
	require.NoError(t, err)
	r, err := redaction.New(detector, p, nil)
	require.NoError(t, err)
	got, err := r.Redact(context.Background(), pii.Request{
		Text: "I am Margaret Oduya and my husband's name is Peter Whitcombe", Language: "en",
		Known: pii.Known{Names: []string{"Margaret Oduya"}},
	})
	require.NoError(t, err)
	require.Equal(t, "I am Margaret Oduya and my husband's name is <PERSON>", got)
}

func TestPolicies(t *testing.T) {
	_, err := redaction.PolicyOf("somewhere")
	require.ErrorIs(t, err, redaction.ErrPolicy)
	p, err := redaction.ReadPolicy(strings.NewReader("name: ours\ndefault: {action: replace}\ntypes:\n  PERSON: {action: pseudonym}\n  CREDIT_CARD: {action: mask, last: 4}\n"))
	require.NoError(t, err)
	require.Equal(t, redaction.Pseudonym, p.Types[pii.Person].Action)
	for _, text := range []string{
		"default: {action: burn}", "default: {action: mask, last: 9}", "default: {action: replace}\nextra: 1",
		"default: {action: replace}\ntypes: {NOTHING: {action: keep}}", "default: {action: replace}\ntypes: {CVV: {action: mask}}", "",
	} {
		_, err := redaction.ReadPolicy(strings.NewReader(text))
		require.ErrorIs(t, err, redaction.ErrPolicy, text)
	}
	_, err = redaction.New(detector, redaction.Policy{Default: redaction.Rule{Action: redaction.Hash}}, nil)
	require.ErrorIs(t, err, redaction.ErrKeys)
}

func TestWhatCannotBeReadIsSuppressed(t *testing.T) {
	got, err := redactor(t, redaction.Replace).Redact(context.Background(), pii.Request{Text: "my name is \xff Oduya"})
	require.ErrorIs(t, err, pii.ErrInvalidText)
	require.Equal(t, redaction.Suppressed, got)
}

func TestAThirdPersonOfTheSameNameIsMasked(t *testing.T) {
	p, err := redaction.PolicyOf("dsar_export")
	require.NoError(t, err)
	r, err := redaction.New(detector, p, nil)
	require.NoError(t, err)
	got, err := r.Redact(context.Background(), pii.Request{
		Text:     "I am Margaret Oduya, oh seven nine double one one two three four five six, my husband's name is Peter Oduya and his is oh seven nine double one six five four three two one",
		Language: "en", Known: pii.Known{Names: []string{"Margaret Oduya"}, Phones: []string{"+447911123456"}},
	})
	require.NoError(t, err)
	require.Equal(t, "I am Margaret Oduya, oh seven nine double one one two three four five six, my husband's name is <PERSON> Oduya and his is <PHONE_NUMBER>", got)
}

// TestASpokenCardIsNeverReversible says a card in words, right, misheard and in
// parts that the agent asked for: no action that could be turned back is taken.
func TestASpokenCardIsNeverReversible(t *testing.T) {
	ctx := context.Background()
	for _, text := range []string{
		"my card is four five three nine one eight two seven three six four five zero one eight eight",
		"my card is four five three nine one eight two seven three six four five zero one eight nine",
		"la tarjeta es cuarenta y dos cuarenta y dos cuarenta y dos cuarenta y dos cuarenta y dos cuarenta y dos cuarenta y dos cuarenta y tres",
		"kartennummer vier fünf drei neun eins acht zwei sieben nein moment acht sieben drei sechs vier fünf null eins acht acht",
	} {
		for _, action := range []redaction.Action{redaction.Pseudonym, redaction.Encrypt, redaction.Tokenise} {
			r := redactor(t, action)
			hidden, err := r.Redact(ctx, pii.Request{Text: text})
			require.NoError(t, err)
			back, err := r.Restore(ctx, hidden, new(audit), "officer", "why")
			require.NoError(t, err)
			require.Equal(t, hidden, back, "nothing in it can be restored")
			require.NotEqual(t, text, hidden)
		}
	}
	r := redactor(t, redaction.Tokenise)
	hidden, err := r.Redact(ctx, pii.Request{Text: "so it begins four five three nine one eight two seven", Language: "en", Expect: []pii.Type{pii.CreditCard}})
	require.NoError(t, err)
	require.Contains(t, hidden, "<CREDIT_CARD>", "a part of a card that was asked for")
}
