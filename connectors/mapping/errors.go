package mapping

import (
	"encoding/json"
	"errors"

	"github.com/voicehive/voicehive/connectors/pms"
)

// Malformed is an answer that is JSON and not the vendor's contract: the field
// is missing or makes no sense. Nothing can be said of it but that the vendor
// is not to be had as it is.
func Malformed(field string) *pms.Error {
	return &pms.Error{Kind: pms.ErrUnavailable, Field: field, Detail: "the answer does not follow the vendor's contract"}
}

// Required refuses an answer in which a field is empty: names and values come in
// turn, and the first that is empty is named.
func Required(pairs ...string) error {
	for ; len(pairs) > 1; pairs = pairs[2:] {
		if pairs[1] == "" {
			return Malformed(pairs[0])
		}
	}
	return nil
}

// Invalid is a request that is wrong in a field; detail says how to mend it.
func Invalid(field, detail string) *pms.Error {
	return &pms.Error{Kind: pms.ErrValidation, Field: field, Detail: detail}
}

// Refused is any other failure.
func Refused(kind error, field, detail string) *pms.Error {
	return &pms.Error{Kind: kind, Field: field, Detail: detail}
}

// Unread is the failure to read back what was just created, nil for none. The
// booking exists all the same, so the failure is the answer's and not the
// booking's: a repeat under the same key comes here again.
func Unread(err error) error {
	if err == nil {
		return nil
	}
	return &pms.Error{Kind: pms.ErrOutcomeUnknown, Cause: err, Detail: "the booking was created and could not be read back; repeat with the same key"}
}

// Named tells whose failure it is. An error that has a vendor already, for
// transport made it, stays as it is. One that is no *pms.Error can only come
// from reading JSON: it becomes Malformed with the field that was at fault.
func Named(err error, vendor, hotel string, o pms.Operation) error {
	if err == nil {
		return nil
	}
	var failure *pms.Error
	var form *json.UnmarshalTypeError
	switch {
	case errors.As(err, &failure) && failure.Vendor != "":
		return err
	case failure != nil:
	case errors.As(err, &form):
		failure = Malformed(form.Field)
	default:
		failure = Malformed("")
	}
	own := *failure
	own.Vendor, own.Hotel, own.Operation = vendor, hotel, string(o)
	return &own
}
