package rights

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/code"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/attest"
	"github.com/voicehive/voicehive/compliance/erasure"
	"github.com/voicehive/voicehive/compliance/rights"
	"github.com/voicehive/voicehive/connectors/pms"
	"github.com/voicehive/voicehive/internal/notify"
)

// Letter queues a letter of a case, where it is known where letters go.
func (a *Activities) Letter(ctx context.Context, l Letter) (Queued, error) {
	q, err := a.letter(ctx, l)
	return q, temporalError(err)
}

func (a *Activities) letter(ctx context.Context, l Letter) (Queued, error) {
	reply, known, err := a.Cases.Reply(ctx, l.Hotel, l.Case)
	if err != nil || !known {
		return Queued{Problem: problemNoAddress}, err
	}
	data, err := a.dataOf(ctx, l)
	if err != nil {
		return Queued{}, err
	}
	draft := notification.Draft{
		Hotel: l.Hotel, ID: idOf(l.Ref, "letter", l.Kind, l.Act, l.Attempt), Scope: l.Case,
		Channel: notify.Channel(reply.Channel), To: reply.To, Languages: languages(reply), Data: data,
	}
	ref, err := a.Outbox.Queue(ctx, draft)
	if errors.Is(err, notification.ErrDraft) {
		return Queued{Problem: problemContent}, nil // no text message has room for a refusal
	}
	return Queued{Message: ref.Message}, err
}

func languages(r rights.Reply) []string {
	if r.Language == "" {
		return nil
	}
	return []string{r.Language}
}

// dataOf is what a letter says.
func (a *Activities) dataOf(ctx context.Context, l Letter) (letters.Data, error) {
	c, err := a.Cases.Read(ctx, l.Hotel, l.Case)
	if err != nil {
		return nil, err
	}
	hotel, err := a.Hotels.Hotel(ctx, l.Hotel)
	if err != nil {
		return nil, err
	}
	zone, err := hotel.Location()
	if err != nil {
		return nil, err
	}
	day := func(t time.Time) pms.Date { return pms.DateOf(t.In(zone)) }
	last := func(end time.Time) pms.Date { return pms.NewDate(rights.LastDay(end, zone)) }
	request := letters.Request{Case: c.ID, Right: string(c.Kind), Received: day(c.Clock.Received)}
	var note rights.Note
	if l.Act != "" {
		if note, err = a.Cases.Note(ctx, l.Hotel, l.Case, l.Act); err != nil {
			return nil, err
		}
	}
	kept := make([]letters.Kept, len(l.Kept))
	for i, k := range l.Kept {
		kept[i] = letters.Kept{What: k.What, Until: last(k.Until)}
	}
	switch l.Kind {
	case letters.KindReceipt:
		return letters.Receipt{Request: request, Due: last(c.Due())}, nil
	case letters.KindExtension:
		return letters.Extension{Request: request, Due: last(c.Clock.Extended), Reasons: note.Reasons}, nil
	case letters.KindRefusal:
		return letters.Refusal{Request: request, Reasons: note.Reasons, Explanation: note.Text}, nil
	case letters.KindDeferral:
		return letters.Deferral{Request: request, Until: day(l.On)}, nil
	case letters.KindPartly:
		return letters.Partly{Request: request, Completed: day(l.On), Reasons: l.Reasons, Kept: kept}, nil
	case letters.KindCertificate:
		certificate, fingerprint, err := a.certificate(ctx, l)
		if err != nil {
			return nil, err
		}
		return letters.Certificate{Request: request, Erased: day(certificate.Live), Final: day(certificate.Final), Fingerprint: fingerprint, Kept: kept}, nil
	}
	return letters.Completion{Request: request, Completed: day(l.On), Kept: kept}, nil
}

// certificate reads an erasure's certificate, which is ours and signed, and its
// fingerprint.
func (a *Activities) certificate(ctx context.Context, l Letter) (c erasure.Certificate, fingerprint string, err error) {
	text, err := a.Erasures.Envelope(ctx, l.Hotel, l.Case, l.Certificate)
	if err != nil {
		return c, "", err
	}
	envelope, err := attest.Parse(text)
	if err != nil {
		return c, "", err
	}
	var statement attest.Statement
	if err := json.Unmarshal(envelope.Payload, &statement); err != nil {
		return c, "", err
	}
	return c, fmt.Sprintf("%x", sha256.Sum256(text)), json.Unmarshal(statement.Predicate, &c)
}

const (
	codeDigits = 6
	codeLife   = 15 * time.Minute
	// mostCodes is how many a case gets: each can be guessed a few times, and a
	// case is open for months.
	mostCodes = 10
)

// SendCode queues a one-time code to the address on file. Done again for the
// same act it makes no other code.
func (a *Activities) SendCode(ctx context.Context, act ActRef) (Sent, error) {
	s, err := a.sendCode(ctx, act)
	return s, temporalError(err)
}

func (a *Activities) sendCode(ctx context.Context, act ActRef) (Sent, error) {
	c, err := a.Cases.Read(ctx, act.Hotel, act.Case)
	if err != nil {
		return Sent{}, err
	}
	asked, err := a.Cases.CodesAsked(ctx, act.Hotel, act.Case, act.Act)
	if err != nil {
		return Sent{}, err
	}
	if asked > mostCodes {
		return Sent{Problem: ProblemCodesOver}, nil
	}
	on, err := a.onFile(ctx, c)
	if err != nil {
		return Sent{}, err
	}
	reply, known := on.proving()
	if !known {
		return Sent{Problem: problemNoAddress}, nil
	}
	if c.Language != "" {
		reply.Language = c.Language
	}
	made, err := a.Codes.Issue(ctx, code.Request{Hotel: act.Hotel, Scope: act.Case, Digits: codeDigits, Life: codeLife})
	if errors.Is(err, code.ErrTooMany) {
		return Sent{Problem: "too_many_codes"}, nil
	}
	if err != nil {
		return Sent{}, err
	}
	// The message goes by the code's id: cut off before the answer, the next
	// attempt makes another code and another message, and the last one counts.
	ref, err := a.Outbox.Queue(ctx, notification.Draft{
		Hotel: act.Hotel, ID: made.ID, Scope: act.Case, Channel: notify.Channel(reply.Channel), To: reply.To,
		Languages: languages(reply), Data: letters.Code{Code: made.Digits, Minutes: int(codeLife / time.Minute)},
	})
	return Sent{ID: made.ID, Message: ref.Message}, err
}

// Check looks at what the requester told as the code. That it was right is
// written down in the transaction that uses the code up, and what was told is
// forgotten.
func (a *Activities) Check(ctx context.Context, in Check) (Checked, error) {
	out, err := a.check(ctx, in)
	return out, temporalError(err)
}

func (a *Activities) check(ctx context.Context, in Check) (Checked, error) {
	note, err := a.Cases.Note(ctx, in.Hotel, in.Case, in.Act)
	if err != nil {
		return Checked{}, err
	}
	if note.Code == "" { // looked at before, and cut off since
		c, err := a.Cases.Read(ctx, in.Hotel, in.Case)
		if err != nil || c.Proof == rights.ByCode {
			return Checked{Proven: c.Proof == rights.ByCode}, err
		}
		return Checked{Problem: "code_over"}, nil
	}
	step, err := a.Cases.Proven(ctx, in.Hotel, in.Case, in.Act, rights.ByCode)
	if err != nil {
		return Checked{}, err
	}
	out := Checked{}
	switch err := a.Codes.Check(ctx, in.Hotel, in.Code, note.Code, step); {
	case err == nil:
		out.Proven = true
	case errors.Is(err, code.ErrWrong):
		out.Problem = "code_wrong"
	case errors.Is(err, code.ErrOver), errors.Is(err, code.ErrUnknown):
		if out, err = a.proven(ctx, in); err != nil {
			return Checked{}, err
		}
	default:
		return Checked{}, err
	}
	if err := a.Cases.CodeTold(ctx, in.Hotel, in.Case, in.Act, out.Problem); err != nil {
		return Checked{}, err
	}
	if out.Proven {
		return out, a.settle(ctx, in.Ref)
	}
	return out, nil
}

// proven tells whether this very act proved it, in an attempt that was cut off
// after the code was used up.
func (a *Activities) proven(ctx context.Context, in Check) (Checked, error) {
	c, err := a.Cases.Read(ctx, in.Hotel, in.Case)
	if err != nil {
		return Checked{}, err
	}
	for _, act := range c.Acts {
		if act.ID == in.Act && c.Proof == rights.ByCode {
			return Checked{Proven: true}, nil
		}
	}
	return Checked{Problem: "code_over"}, nil
}
