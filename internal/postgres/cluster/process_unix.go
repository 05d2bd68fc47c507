//go:build unix && !linux

package cluster

import "syscall"

// processAttributes let the child run as account and out of reach of the
// terminal's Ctrl-C. Only Linux can end it with its parent; elsewhere the next
// Start ends a server that was left behind.
func processAttributes(account *account) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if account != nil {
		attributes.Credential = &syscall.Credential{Uid: account.uid, Gid: account.gid}
	}
	return attributes
}

// endOrphan asks a server whose parent is gone to end.
func endOrphan(pidFile string) {
	if pid := firstNumber(pidFile); pid > 1 {
		_ = syscall.Kill(pid, syscall.SIGINT)
	}
}
