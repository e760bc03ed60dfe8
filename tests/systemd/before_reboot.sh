# Jobs that are queued or running when the machine is rebooted.
user_manager alice enable -q atlasjob-gc.timer
sed -i 's/--slots 4/--slots 2/' /etc/systemd/system/atlasjob-worker@.service.d/grace.conf
systemctl daemon-reload
systemctl enable -q --now atlasjob-worker@bob.service
direct alice "atlasjob doctor" >/test/said
check "doctor: with linger and the timer, jobs are started after a reboot" says /test/said 'queued jobs are started after a reboot'
loginctl disable-linger alice
direct alice "atlasjob doctor" >/test/said
check "doctor: without linger, the timer waits for a login" says /test/said 'after a reboot, jobs wait until alice logs in'
loginctl enable-linger alice
await test -S /run/user/1000/systemd/private

direct alice 'mkdir -p ~/.config/atlasjob; printf "[worker]\nslots = 2\n" >~/.config/atlasjob/config.toml'
for account in alice bob; do
    login "$account" "atlasjob submit -q -- $(long_job running)
        atlasjob submit -q --retries 1 -- sh -c 'echo \$ATLASJOB_ATTEMPT >>attempts; test \$ATLASJOB_ATTEMPT = 2 || exec sleep 1000'
        $(until_holds "-s running -a -s attempts")
        atlasjob submit -q -- touch queued" >/dev/null
    check "before the reboot, $account: both slots are taken" test ! -e "/home/$account/queued"
    seq_of "$account" running >"/test/running.$account"
    seq_of "$account" attempts >"/test/attempts.$account"
done
touch /test/reboot
systemctl --no-block reboot
