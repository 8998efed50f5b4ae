; Included by electron-builder's installer.
; What the app has written outside its own folder goes with it, but not when it is only replaced by a newer version.
!macro customUnInstall
  ${ifNot} ${isUpdated}
    Delete "$APPDATA\Microsoft\Windows\SendTo\Lanyard.lnk"
    DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "Lanyard"
  ${endIf}
!macroend
