// Command voicehive is all of VoiceHive in one binary: the API, the workers,
// the hotel registry, a simulated hotel system, the client verbs, and the
// development stack that runs them all on one machine.
//
// It is the only place where parts are composed.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // hotels' time zones, also where the system has none

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/starter"
	"github.com/voicehive/voicehive/starter/api/client"
)

// Exit codes. Scripts may rely on them.
const (
	exitOK      = 0
	exitFailed  = 1 // something went wrong
	exitUsage   = 2 // the command line is wrong
	exitRefused = 3 // the request was understood and refused; see the problem
)

// version is set by the build.
var version = "dev"

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal ends what runs in order; whoever sends a second one does
	// not want to wait, so it ends the process as signals do.
	context.AfterFunc(ctx, stop)
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage usageError
	var problem *client.Problem
	var refusal *starter.Problem
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "voicehive: %v\nRun 'voicehive --help'.\n", err)
		return exitUsage
	case errors.As(err, &problem), errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError:
		fmt.Fprintf(os.Stderr, "voicehive: refused: %v\n", err)
		return exitRefused
	}
	fmt.Fprintf(os.Stderr, "voicehive: %v\n", err)
	return exitFailed
}

// usageError is a command line that cannot be understood.
type usageError struct{ error }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "voicehive",
		Short: "The durable core of a hotel's AI receptionist",
		Long: `The durable core of a hotel's AI receptionist.

Start here:   voicehive demo     plays a call that becomes a booking, on this machine
              voicehive dev      runs everything and leaves it running`,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddGroup(
		&cobra.Group{ID: "try", Title: "Try it"},
		&cobra.Group{ID: "guest", Title: "Book a room (talks to the API)"},
		&cobra.Group{ID: "operate", Title: "Operate"},
	)
	for group, commands := range map[string][]*cobra.Command{
		"try":     {newDemo(), newDev(), newSandbox()},
		"guest":   {newAvailability(), newQuote(), newBook(), newModify(), newCancel(), newShow(), newAdopt()},
		"operate": {newWorker(), newAPI(), newCodec(), newConsole(), newPromote(), newHotel(), newCredentials(), newConnector(), newTasks(), newMessages(), newSchedules(), newAudit(), newConsent(), newErasure(), newSubject(), newDSAR(), newPack(), newTranscript(), newRegion(), newBreach(), newOffboarding(), newRetention(), newHold(), newDocuments(), newEvidence(), newKey(), newKeys(), newPII(), newMigrate(), newConfig()},
	} {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	return root
}

// buildID names this build to Temporal: the version, or the commit it was
// built from.
func buildID(configured string) string {
	if configured != "" {
		return configured
	}
	if version != "dev" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return version
}
