# Nobody has logged in since the boot.
for account in alice bob; do
    await test -e "/home/$account/queued"
    check "reboot, $account: a queued job is run without a login" test -e "/home/$account/queued"
    check "reboot, $account: a running job is over, as the ledger says" \
        becomes "$account" "$(cat /test/running.$account)" 'error shutdown'
    check "reboot, $account: one with attempts left is run again" \
        becomes "$account" "$(cat /test/attempts.$account)" 'done '
    check "reboot, $account: in two attempts" diff "/home/$account/attempts" <(printf '1\n2\n')
done
check "reboot, alice: her worker is in a scope of her own manager" \
    bash -c "setpriv --reuid=alice --regid=alice --init-groups env HOME=/home/alice atlasjob doctor | grep 'scope of the user manager'"
check "reboot, bob: his worker is the system unit" systemctl is-active -q atlasjob-worker@bob.service
