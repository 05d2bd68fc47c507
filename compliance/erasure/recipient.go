package erasure

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/voicehive/voicehive/compliance/attest"
)

// PredicateReceipt is the type of what a recipient signs.
const PredicateReceipt = attest.Predicates + "erasure-receipt/v1"

// A Notice tells a recipient of data that it has to be erased (Art. 19 GDPR). It
// holds references that the recipient knows already, and nothing else of a guest.
type Notice struct {
	// ID is random and of this notice: the same one again must be answered the
	// same.
	ID string `json:"id"`
	// Nonce is random, and comes back in the receipt: an old receipt is none.
	Nonce string `json:"nonce"`
	Type  string `json:"type"` // erasure
	// Hotel is what the recipient calls the hotel.
	Hotel      string      `json:"hotel"`
	References []Reference `json:"references"`
}

// A Reference is what a recipient knows a booking by.
type Reference struct {
	Number string `json:"number"`
	// Whole tells that whoever booked goes; else it is somebody who came along.
	Whole bool `json:"whole"`
}

// A Numbering says which number of a booking a recipient has.
type Numbering string

// The numberings.
const (
	ByReservation Numbering = "reservation" // the number at the hotel's system
	ByBooking     Numbering = "booking"     // ours
)

// A Recipient is somebody to whom data was disclosed.
type Recipient interface {
	// Name is the one that the certificate says.
	Name() string
	// Hotel tells what the recipient calls a hotel and which numbers it has of
	// its bookings; false when it gets nothing of that hotel.
	Hotel(hotel string) (id string, by Numbering, ok bool)
	// Forget hands the notice over and returns the receipt that the recipient
	// signed. It is repeated until it is answered; ErrRefused is a definite no.
	Forget(ctx context.Context, n Notice) (attest.Envelope, error)
	// Keys are those that the recipient's receipts are signed by.
	Keys() attest.Keys
}

// ErrReceipt: what a recipient answered is no receipt of the notice.
var ErrReceipt = errors.New("erasure: the recipient's answer is no receipt of this notice that its key has signed")

// What a recipient can say became of the data; OutcomeManual says that it did
// not say.
const (
	OutcomeErased  = "erased"
	OutcomeNotHeld = "not_held"
	OutcomeKept    = "kept"
	OutcomeManual  = "manual"
)

// A ReceiptPredicate is what a recipient says of a notice.
type ReceiptPredicate struct {
	Notice  string    `json:"notice"`
	Nonce   string    `json:"nonce"`
	At      time.Time `json:"at"`
	Outcome string    `json:"outcome"`
	// Statute is the law by which it is kept.
	Statute string `json:"statute,omitempty"`
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

// checkReceipt reads a receipt of a notice. Whatever else the recipient signed,
// an older receipt too, is none.
func checkReceipt(e attest.Envelope, trusted attest.Keys, n Notice) (said ReceiptPredicate, err error) {
	s, err := attest.Verify(e, trusted)
	if err != nil {
		return said, errors.Join(ErrReceipt, err)
	}
	if s.PredicateType != PredicateReceipt || json.Unmarshal(s.Predicate, &said) != nil ||
		said.Notice != n.ID || subtle.ConstantTimeCompare([]byte(said.Nonce), []byte(n.Nonce)) != 1 || !said.valid() {
		return ReceiptPredicate{}, ErrReceipt
	}
	return said, nil
}

// notice makes the id and the nonce of a recipient's notice from the plan's
// secret: whoever died between the answer and its keeping asks for the same
// again, and nobody else can tell that two recipients were told of one person.
func (p Plan) notice(recipient string) (Notice, error) {
	if len(p.Secret) == 0 {
		return Notice{}, ErrPlanChanged // it was made before there were notices: plan again
	}
	random, err := hkdf.Key(sha256.New, p.Secret, nil, "voicehive/erasure/notice/1 "+recipient, 48)
	if err != nil {
		return Notice{}, wrap(err, "make a notice")
	}
	return Notice{ID: hex.EncodeToString(random[:16]), Nonce: hex.EncodeToString(random[16:]), Type: "erasure"}, nil
}
