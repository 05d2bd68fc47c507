package console

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/voicehive/voicehive/compliance/audit"
)

// HotelLog is the Log of an installation.
type HotelLog struct {
	*audit.Log
	// Name is the installation's, Signer knows the public keys of its log.
	Name   string
	Signer audit.Signer
	Writer *audit.Writer
}

// Keys implements Log.
func (l *HotelLog) Keys(ctx context.Context) ([]string, error) {
	return audit.VerifierKeys(ctx, l.Signer, l.Name)
}

func (l *HotelLog) trusted(ctx context.Context) (audit.LogKeys, error) {
	lines, err := l.Keys(ctx)
	if err != nil {
		return audit.LogKeys{}, err
	}
	return audit.ParseLogKeys(strings.Join(lines, "\n"))
}

// Pack implements Log.
func (l *HotelLog) Pack(ctx context.Context, hotel string, out io.Writer) error {
	year, err := l.Year(ctx)
	if err != nil {
		return err
	}
	pseudonym, err := l.Writer.Pseudonym(ctx, hotel)
	if err != nil {
		return err
	}
	_, err = l.Export(ctx, out, audit.ExportOptions{Year: year, Tenant: hotel, Pseudonym: pseudonym})
	return err
}

// Check implements Log. It reads what Pack writes, so that officer and
// outsider see the same.
func (l *HotelLog) Check(ctx context.Context, hotel string) (*audit.Report, error) {
	trusted, err := l.trusted(ctx)
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp("", "voicehive-log-")
	if err != nil {
		return nil, fmt.Errorf("console: a file for the log: %w", err)
	}
	defer func() { _, _ = file.Close(), os.Remove(file.Name()) }()
	if err := l.Pack(ctx, hotel, file); err != nil {
		return nil, err
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("console: reading the log's file: %w", err)
	}
	return audit.Verify(ctx, file, size, audit.VerifyOptions{Keys: trusted})
}

// Prove implements Log. An entry tells in the open what kind of thing happened
// and when, so those of other hotels are not handed out.
func (l *HotelLog) Prove(ctx context.Context, hotel string, year int, n int64) ([]byte, error) {
	text, err := l.Log.Prove(ctx, year, n)
	if err != nil {
		return nil, err
	}
	pseudonym, err := l.Writer.Pseudonym(ctx, hotel)
	if err != nil {
		return nil, err
	}
	trusted, err := l.trusted(ctx)
	if err != nil {
		return nil, err
	}
	proven, err := audit.VerifyProof(text, trusted)
	if err != nil {
		return nil, fmt.Errorf("console: the log's own proof does not hold: %w", err)
	}
	if hex.EncodeToString(proven.Leaf.Tenant[:]) != pseudonym {
		return nil, audit.ErrNoEntry
	}
	return text, nil
}
