package audit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"

	"github.com/voicehive/voicehive/compliance/keys"
)

// nonceSize is how many random bytes hide what a commitment commits to. A hash
// alone would not: there are few phone numbers.
const nonceSize = 32

// ErrDetail says that an opened detail is not what the log committed to.
var ErrDetail = errors.New("audit: the detail is not the one that the log committed to")

// A Detail is what was committed to: the nonce and the event's detail as JSON.
type Detail struct {
	Nonce []byte
	Text  []byte
}

func newDetail(text []byte) Detail {
	d := Detail{Nonce: make([]byte, nonceSize), Text: text}
	rand.Read(d.Nonce) // never fails: crypto/rand ends the process instead
	return d
}

// commit hides the detail and binds the log to it.
func (d Detail) commit() [32]byte {
	return sha256.Sum256(d.bytes())
}

// tag binds the entry to its scope in the same way. It is different for each
// entry of one scope, so that nothing in the log joins a guest's entries.
func (d Detail) tag(scope keys.Scope) [16]byte {
	mac := hmac.New(sha256.New, d.Nonce)
	mac.Write([]byte("voicehive/audit/subject/1\x00" + scope.String()))
	return [16]byte(mac.Sum(nil)[:16])
}

// Matches returns ErrDetail unless the leaf committed to this detail, and, with
// a scope, to that scope.
func (d Detail) Matches(l Leaf, scope keys.Scope) error {
	commit := d.commit()
	if len(d.Nonce) != nonceSize || subtle.ConstantTimeCompare(commit[:], l.Commit[:]) != 1 {
		return ErrDetail
	}
	if scope == (keys.Scope{}) {
		return nil
	}
	if tag := d.tag(scope); subtle.ConstantTimeCompare(tag[:], l.Tag[:]) != 1 {
		return ErrDetail
	}
	return nil
}

func (d Detail) bytes() []byte {
	return append(append(make([]byte, 0, len(d.Nonce)+len(d.Text)), d.Nonce...), d.Text...)
}

func parseDetail(plain []byte) (Detail, error) {
	if len(plain) < nonceSize {
		return Detail{}, ErrDetail
	}
	return Detail{Nonce: plain[:nonceSize], Text: plain[nonceSize:]}, nil
}
