package objects

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"

	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

var (
	// ErrUnreachable says that the server gave no answer that counts: whether
	// something was written is not known. Repeat it.
	ErrUnreachable = errors.New("objects: no trustworthy answer from the object store; try again, and look at its network and health")
	// ErrDenied says that the server does not let the login do it.
	ErrDenied = errors.New("objects: denied by the object store; look at the login file and at what its key may do")
	// ErrNoBucket says that the bucket does not exist.
	ErrNoBucket = errors.New("objects: the object store has no such bucket; make it first")
	// ErrRegion says that the bucket is elsewhere.
	ErrRegion = errors.New("objects: the bucket is in another region than its URL says")
	// ErrRefused says that the server does not do what it was asked.
	ErrRefused = errors.New("objects: the object store refused the request")
	// errTaken says that a conditional write found an object.
	errTaken = errors.New("objects: taken")
	// errUnlocked says that a bucket or an object has no lock.
	errUnlocked = errors.New("objects: no lock")
	// errUnknown says that the server knows no such question.
	errUnknown = fmt.Errorf("%w: it does not know it", ErrRefused)
)

// codes are the server's words that decide more than the status does.
var codes = map[string]error{
	"NoSuchBucket":                         ErrNoBucket,
	"NoSuchKey":                            ErrNotFound,
	"NoSuchVersion":                        ErrNotFound,
	"NotFound":                             ErrNotFound, // a HEAD's answer has no word of the server
	"AuthorizationHeaderMalformed":         ErrRegion,
	"RequestTimeout":                       ErrUnreachable,
	"InvalidAccessKeyId":                   ErrDenied,
	"XAdminUserNotFound":                   ErrDenied, // Versity's word for the same, with status 404
	"ExpiredToken":                         ErrDenied,
	"InvalidToken":                         ErrDenied,
	"ObjectLockConfigurationNotFoundError": errUnlocked,
	"NoSuchObjectLockConfiguration":        errUnlocked,
	"NotImplemented":                       errUnknown,
}

var codePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.]{1,63}$`)

// failure says what an error of the client means. Of what the server said only
// its code is kept: the rest may hold anything.
func failure(doing string, err error) error {
	if err == nil {
		return nil
	}
	// The file is looked at before anything is sent.
	if errors.Is(err, ErrLogin) {
		return fmt.Errorf("objects: %s: %w", doing, innermost(err, ErrLogin))
	}
	status, code := 0, ""
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) {
		status = answer.HTTPStatusCode()
	}
	var api smithy.APIError
	if errors.As(err, &api) && codePattern.MatchString(api.ErrorCode()) {
		code = api.ErrorCode()
	}
	kind := kindOf(status, code)
	if status == 0 {
		return fmt.Errorf("objects: %s: %w: %w", doing, ErrUnreachable, bare(err))
	}
	return fmt.Errorf("objects: %s: %w (%d %s)", doing, kind, status, code)
}

// kindOf never takes a mere 404 for an object that is not there: it would prove
// an erasure.
func kindOf(status int, code string) error {
	if kind := codes[code]; kind != nil {
		return kind
	}
	switch {
	case status == http.StatusPreconditionFailed, status == http.StatusConflict:
		return errTaken
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ErrDenied
	case status >= 300 && status < 400:
		return ErrRegion
	case status >= 500 && status != http.StatusNotImplemented, status == http.StatusTooManyRequests, status >= 200 && status < 300:
		return ErrUnreachable
	}
	return ErrRefused
}

// bare takes the URL out of a network's error, and what the client put around.
func bare(err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	var request *url.Error
	if errors.As(err, &request) {
		return request.Err
	}
	return errors.New("its answer cannot be read")
}

// innermost is the last error of a chain that still is a known one: the client's
// own words around it tell nothing.
func innermost(err, known error) error {
	for next := err; next != nil; next = errors.Unwrap(next) {
		if !errors.Is(next, known) {
			break
		}
		err = next
	}
	return err
}
