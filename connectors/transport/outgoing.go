package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
)

// An Authorizer puts credentials on requests. It is safe for concurrent use.
type Authorizer interface {
	// Authorize adds the credentials. It is called once for each request that
	// is sent, so a repeat can carry other credentials than the first try.
	Authorize(ctx context.Context, r *Outgoing) error
	// Refused tells that the vendor answered 401 to this request, as Authorize
	// left it, so that the next Authorize brings other credentials.
	Refused(r *Outgoing)
}

// An Outgoing is what an Authorizer sees and may change of a request that is
// about to be sent. The Call it was made from stays as it is: a frozen draft is
// never kept together with a token.
type Outgoing struct {
	// Header is the request's own. Content-Type is set when there is a body.
	Header http.Header
	// Body is the text to send; nil sends none. It is shared with the Call:
	// replace it, and never write into it.
	Body []byte
	// Used is for the Authorizer alone: what it chose, so that Refused knows it
	// again when neither header nor body shows it.
	Used any
}

// errField: a body has no place for one more field.
var errField = errors.New("transport: the body is no JSON object or form without that field, so the credentials cannot be added to it")

// SetField adds a field to the body, for vendors that read their tokens there:
// to a JSON object, to a form, or to no body at all, which becomes an object.
// A body that has the field already, or can have none, is refused.
func (r *Outgoing) SetField(name, value string) error {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media == formType {
		return r.setFormField(name, value)
	}
	body := bytes.TrimSpace(r.Body)
	if len(body) == 0 {
		body = []byte("{}")
		r.Header.Set("Content-Type", jsonType)
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || fields == nil {
		return errField
	}
	if _, taken := fields[name]; taken {
		return errField
	}
	pair, err := json.Marshal(map[string]string{name: value})
	if err != nil {
		return errField
	}
	// The rest of the text stays as it was frozen, to the byte.
	joined := append([]byte(nil), pair[:len(pair)-1]...)
	if len(fields) > 0 {
		joined = append(joined, ',')
	}
	r.Body = append(joined, body[1:]...)
	return nil
}

func (r *Outgoing) setFormField(name, value string) error {
	fields, err := url.ParseQuery(string(r.Body))
	if err != nil || fields.Has(name) {
		return errField
	}
	pair := url.Values{name: {value}}.Encode()
	if len(r.Body) > 0 {
		pair = "&" + pair
	}
	r.Body = append(append([]byte(nil), r.Body...), pair...)
	return nil
}
