package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"

	"github.com/voicehive/voicehive/connectors/pms"
)

// A Response is an answer that was read whole.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	// out is what a Call's Out becomes: each attempt has its own, so that two
	// attempts of one read do not write into the same place.
	out reflect.Value
}

// untrusted is the failure of a request that may have arrived. A refusal is a
// refusal even when its text was cut off: its status says that nothing happened.
func (c *Client) untrusted(call Call, r Response, err error) error {
	if r.Status >= 400 && r.Status < 500 {
		return c.refusal(call, r)
	}
	failure := &pms.Error{Kind: lost(call.Effect), Status: r.Status, Cause: cause(err)}
	if errors.Is(err, errTooLarge) {
		failure.Cause = errTooLarge
		failure.Detail = fmt.Sprintf("%v: more than %d bytes", errTooLarge, c.o.MaxBody)
	}
	return failure
}

// judge decides whether an answer that was read whole can be trusted, and
// decodes it.
func (c *Client) judge(call Call, r *Response) error {
	if r.Status < 200 || r.Status > 299 {
		return c.refusal(call, *r)
	}
	if len(r.Body) == 0 {
		if call.Out == nil || call.Effect == Read && r.Status == http.StatusNoContent {
			return nil
		}
		return malformed(call, r, "", "it is empty")
	}
	if call.Out == nil {
		// Nothing is expected, but a page of HTML is not from the vendor.
		if flaw := syntaxFlaw(r.Body); flaw != "" {
			return malformed(call, r, "", flaw)
		}
		return nil
	}
	out := reflect.New(reflect.TypeOf(call.Out).Elem())
	if json.Unmarshal(r.Body, out.Interface()) != nil {
		field, flaw := findFlaw(r.Body, out.Type().Elem())
		return malformed(call, r, field, flaw)
	}
	if checked, ok := out.Interface().(interface{ Check() error }); ok {
		if err := checked.Check(); err != nil {
			return unsound(call, r, err)
		}
	}
	r.out = out.Elem()
	return nil
}

// malformed is an answer that is not what the vendor's contract says. Field and
// flaw hold words of ours only and nothing of the answer.
func malformed(call Call, r *Response, field, flaw string) *pms.Error {
	failure := &pms.Error{Kind: lost(call.Effect), Status: r.Status, Field: field, Detail: errMalformed.Error(), Cause: errMalformed}
	if flaw != "" {
		failure.Detail += ": " + flaw
	}
	return failure
}

// unsound is an answer that judged itself wrong. Only a *pms.Error, which holds
// no guest data, may say where and why.
func unsound(call Call, r *Response, err error) *pms.Error {
	var told *pms.Error
	if errors.As(err, &told) {
		return malformed(call, r, told.Field, told.Detail)
	}
	return malformed(call, r, "", "")
}

// syntaxFlaw tells in words of ours why a body is no JSON; empty when it is.
func syntaxFlaw(body []byte) string {
	if json.Valid(body) {
		return ""
	}
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return "it is a page of HTML or XML and no JSON"
	}
	var whole json.RawMessage
	if errors.Is(json.NewDecoder(bytes.NewReader(body)).Decode(&whole), io.ErrUnexpectedEOF) {
		return "its JSON ends too early"
	}
	return "it is no JSON"
}
