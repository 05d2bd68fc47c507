package erasure

import (
	"context"

	"github.com/voicehive/voicehive/compliance/attest"
)

// A Notice tells a recipient of data that it has to be erased (Art. 19 GDPR). It
// holds references that the recipient knows already, and nothing else of a guest.
type Notice struct {
	// ID is random and of this notice: the same one again must be answered the
	// same.
	ID string `json:"id"`
	// Nonce is random, and comes back in the receipt: an old receipt is none.
	Nonce string `json:"nonce"`
	// Salt is random, and goes into the digest of what a receipt covers. It does
	// not come back.
	Salt string `json:"salt"`
	Type string `json:"type"` // erasure
	// Hotel is what the recipient calls the hotel.
	Hotel string `json:"hotel"`
	// References are sorted, each once.
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
