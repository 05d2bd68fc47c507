package breach

import (
	"context"
	"fmt"

	"github.com/voicehive/voicehive/compliance/pii"
)

// tellsOfSomebody are what names a person or leads to one. Dates, places and
// networks are what a breach is told by.
var tellsOfSomebody = []pii.Type{
	pii.Person, pii.Email, pii.Phone, pii.CreditCard, pii.IBAN, pii.DateOfBirth, pii.Address,
}

// sure is how sure the detector is: a date that could be somebody's number must
// not keep a breach out of the register.
const sure = 0.6

// People is the Finder by the house's detector.
func People(d *pii.Detector) Finder {
	return func(_ context.Context, text string) (bool, error) {
		found, err := d.Scan(nil, pii.Request{Text: text, Entities: tellsOfSomebody, MinScore: sure})
		if err != nil {
			return false, fmt.Errorf("breach: look for people: %w", err)
		}
		return len(found) > 0, nil
	}
}
