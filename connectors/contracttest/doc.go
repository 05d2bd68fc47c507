// Package contracttest is the golden suite of connectors/pms: what every
// connector must do, whoever its vendor is. It is the connectors floor's test
// support, and knows no vendor.
//
// # How a vendor runs it
//
// A vendor's package has one test that says how to start its simulator with a
// connector in front of it, and hands that to Run:
//
//	func TestContract(t *testing.T) {
//		contracttest.Run(t, contracttest.Target{Vendor: "acme", New: newBench})
//	}
//
//	func newBench(t contracttest.T, o contracttest.Options) contracttest.Bench {
//		box := sandbox.New(...)
//		server := httptest.NewServer(box)
//		t.Cleanup(server.Close)
//		return contracttest.Bench{
//			Connector: connect(server.URL), // through transport and credentials
//			Zone:      berlin,
//			Currency:  "EUR",
//			Sandbox:   simulator{box},      // the vendor's words for ours
//		}
//	}
//
// connectors/apaleo/contract_test.go is the one to copy. Every behaviour gets a
// Bench of its own, so none sees what another did, and all run in parallel.
//
// # What it prints
//
// Subtests are named operation/behaviour, and the names are stable, so one can
// be run alone:
//
//	go test ./connectors/acme -run 'TestContract/create/same_key_in_parallel'
//
// Which behaviours apply follows from Connector.Capabilities and from what the
// simulator can play. None is left out in silence: with -v the suite ends with
// a table of every behaviour that says passed, FAILED or n.a. and why, and with
// the sums, in which a wrong cell of the fault matrix is a failure like another.
//
// The fault matrix plays every kind of fault on every operation:
//
//	func TestFaultMatrix(t *testing.T) { contracttest.FaultMatrix(t, target) }
//
// A cell is right when the operation did all of its work, or told truthfully
// that it did not or does not know; and when, after the fault is over, the
// write rules bring it to exactly one effect. Run includes the matrix.
//
// # Against a real account
//
// A Target whose Bench has no Sandbox runs the behaviours that need none. They
// book and cancel, so the account must be one for tests.
package contracttest
