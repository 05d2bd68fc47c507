package console

import (
	"context"
	"io"
	"strings"

	"github.com/voicehive/voicehive/compliance/audit"
	"github.com/voicehive/voicehive/compliance/evidence"
)

// HotelEvidence is the Evidence of an installation.
type HotelEvidence struct{ evidence.Collector }

// Check implements Evidence. The keys are the installation's own, and not those
// that the pack brings.
func (e *HotelEvidence) Check(ctx context.Context, pack io.ReaderAt, size int64) (*evidence.Report, error) {
	keys, err := audit.VerifierKeys(ctx, e.Signer, e.LogName)
	if err != nil {
		return nil, err
	}
	return evidence.Verify(ctx, pack, size, strings.Join(keys, "\n"))
}
