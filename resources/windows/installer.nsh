; Included by electron-builder's installer.
; What the app has written outside its own folder goes with it, but not when it is only replaced by a newer version.
!macro customUnInstall
  ${ifNot} ${isUpdated}
    ; In the language of the app when it was written.
    Delete "$APPDATA\Microsoft\Windows\SendTo\Send to phone (Lanyard).lnk"
    Delete "$APPDATA\Microsoft\Windows\SendTo\发送到手机 (Lanyard).lnk"
    ; Electron names the value by the AppUserModelId, and Windows keeps beside it whether a person has switched it off.
    DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "${APP_ID}"
    DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run" "${APP_ID}"
    ; The rule of the firewall, if there is one: to look needs no administrator, to take it away does.
    nsExec::Exec '"$SYSDIR\netsh.exe" advfirewall firewall show rule name="Lanyard"'
    Pop $0
    ${if} $0 == 0
    ${andIfNot} ${Silent}
      ExecShellWait "runas" "$SYSDIR\netsh.exe" 'advfirewall firewall delete rule name="Lanyard" program="$INSTDIR\${APP_EXECUTABLE_FILENAME}"' SW_HIDE
    ${endIf}
  ${endIf}
!macroend
