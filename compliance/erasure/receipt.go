package erasure

import (
	"cmp"
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/voicehive/voicehive/compliance/attest"
)

// PredicateReceipt is the type of what a recipient signs.
const PredicateReceipt = attest.Predicates + "erasure-receipt/v1"

// ErrReceipt: what a recipient answered is no receipt of the notice.
var ErrReceipt = errors.New("erasure: the recipient's answer is no receipt of this notice that its key has signed")

// What a recipient can say became of the data; OutcomeManual says that it did
// not say, and a person has to tell it, OutcomeOpen that it was not asked yet.
const (
	OutcomeErased  = "erased"
	OutcomeNotHeld = "not_held"
	OutcomeKept    = "kept"
	OutcomeManual  = "manual"
	OutcomeOpen    = "open"
)

// A ReceiptPredicate is what a recipient says of a notice.
type ReceiptPredicate struct {
	Notice  string    `json:"notice"`
	Nonce   string    `json:"nonce"`
	At      time.Time `json:"at"`
	Outcome string    `json:"outcome"`
	// Covers is Digest of the references that the outcome is of.
	Covers string `json:"covers"`
	// Open are those of the notice that it is not of, counted from 0 and rising:
	// they are asked for again. Places, because a receipt is kept and must not
	// tell which bookings were one person's.
	Open []int `json:"open,omitempty"`
	// Statute is the law by which it is kept.
	Statute string `json:"statute,omitempty"`
}

// Digest says exactly which references a receipt covers: the SHA-256 in hex of
// the notice's salt and then each reference, sorted, with a line for each. Who
// has a receipt and not the salt cannot try numbers of bookings on it.
func Digest(salt string, references []Reference) string {
	text := strings.Builder{}
	text.WriteString(salt + "\n")
	for _, r := range sorted(references) {
		text.WriteString(r.Number + "\t" + r.kind() + "\n")
	}
	return digest([]byte(text.String()))
}

func (r Reference) kind() string {
	if r.Whole {
		return "whole"
	}
	return "part"
}

// sorted are references in their order, each once.
func sorted(references []Reference) []Reference {
	all := slices.SortedFunc(slices.Values(references), func(a, b Reference) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.kind(), b.kind()))
	})
	return slices.Compact(all)
}

// mostStatute bounds the words of a recipient that go into a certificate.
const mostStatute = 120

func (p ReceiptPredicate) valid() bool {
	switch p.Outcome {
	case OutcomeErased, OutcomeNotHeld:
		return p.Statute == "" && !p.At.IsZero()
	case OutcomeKept:
		return p.Statute != "" && !p.At.IsZero() && clean(p.Statute)
	}
	return false
}

func clean(text string) bool {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > mostStatute {
		return false
	}
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// checkReceipt reads a receipt of a notice, and tells which references it
// covers. Whatever else the recipient signed, an older receipt too, is none.
func checkReceipt(e attest.Envelope, trusted attest.Keys, n Notice) (said ReceiptPredicate, covered []Reference, err error) {
	s, err := attest.Verify(e, trusted)
	if err != nil {
		return said, nil, errors.Join(ErrReceipt, err)
	}
	if s.PredicateType != PredicateReceipt || json.Unmarshal(s.Predicate, &said) != nil ||
		said.Notice != n.ID || subtle.ConstantTimeCompare([]byte(said.Nonce), []byte(n.Nonce)) != 1 || !said.valid() {
		return ReceiptPredicate{}, nil, ErrReceipt
	}
	covered, err = n.without(said.Open)
	if err != nil {
		return ReceiptPredicate{}, nil, err
	}
	if said.Covers != Digest(n.Salt, covered) {
		return ReceiptPredicate{}, nil, fmt.Errorf("%w: it covers other references than it was asked for", ErrReceipt)
	}
	return said, covered, nil
}

// without are the notice's references but for those at some places.
func (n Notice) without(open []int) ([]Reference, error) {
	covered, last := []Reference{}, 0
	for i, at := range open {
		if at < last || at >= len(n.References) || i > 0 && at == open[i-1] {
			return nil, fmt.Errorf("%w: the places that it leaves open are none of the notice's", ErrReceipt)
		}
		covered, last = append(covered, n.References[last:at]...), at+1
	}
	if covered = append(covered, n.References[last:]...); len(covered) == 0 {
		return nil, fmt.Errorf("%w: it covers nothing", ErrReceipt)
	}
	return covered, nil
}

// notice makes the notice of some references to a recipient. Its id, nonce and
// salt come from the plan's secret and from what it names: whoever died between
// the answer and its keeping asks for the same again, another list makes another
// notice, and nobody else can tell that two recipients were told of one person.
func (p Plan) notice(recipient, hotel string, references []Reference) (Notice, error) {
	n := Notice{Type: "erasure", Hotel: hotel, References: sorted(references)}
	salt, err := p.derive("salt/1 "+recipient, 16)
	if err != nil {
		return n, err
	}
	n.Salt = hex.EncodeToString(salt)
	random, err := p.derive("notice/2 "+recipient+" "+Digest(n.Salt, n.References), 48)
	if err != nil {
		return n, err
	}
	n.ID, n.Nonce = hex.EncodeToString(random[:16]), hex.EncodeToString(random[16:])
	return n, nil
}

// secret is that of the case's last plan, so that what recipients have answered
// stays known, or a new one.
func (o *Office) secret(ctx context.Context, hotel, request string) ([]byte, error) {
	_, before, err := o.stored(ctx, hotel, request)
	if err != nil && !errors.Is(err, ErrNoPlan) || before.Secret != nil {
		return before.Secret, err
	}
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // it never fails
	return fresh, nil
}

// derive makes bytes for one use from the plan's secret.
func (p Plan) derive(use string, size int) ([]byte, error) {
	if len(p.Secret) == 0 {
		return nil, ErrPlanChanged // it was made before there were notices: plan again
	}
	out, err := hkdf.Key(sha256.New, p.Secret, nil, "voicehive/erasure/"+use, size)
	return out, wrap(err, "make a notice")
}

// marks are what is noted of references that a recipient has answered: without
// the plan, whose secret they are keyed by, they tell of no booking.
func (p Plan) marks(recipient string, references []Reference) ([][]byte, error) {
	key, err := p.derive("mark/1 "+recipient, 32)
	if err != nil {
		return nil, err
	}
	all := make([][]byte, len(references))
	for i, r := range references {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(r.Number + "\t" + r.kind()))
		all[i] = mac.Sum(nil)[:16]
	}
	return all, nil
}
