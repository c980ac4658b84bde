; The installer: for the person who runs it, without an administrator.
; makensis -INPUTCHARSET UTF8 -DVERSION=0.1.0 -DFILES=FOLDER -DOUTPUT=FILE parley.nsi
Target amd64-unicode
SetCompressor /SOLID lzma
!include MUI2.nsh
!include LogicLib.nsh

Name "Parley"
OutFile "${OUTPUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Parley"
InstallDirRegKey HKCU "Software\Parley" "Folder"
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "Parley"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "Parley's installer"
VIAddVersionKey LegalCopyright "The Parley authors, Apache License 2.0"

!define GONE "Software\Microsoft\Windows\CurrentVersion\Uninstall\Parley"
!define LINK "Software\Classes\parley"
; The name of the app's notifications, by the ID in FyneApp.toml.
!define NOTIFICATIONS "Software\Classes\AppUserModelId\io.parley.Parley"

!define MUI_FINISHPAGE_RUN "$INSTDIR\Parley.exe"
!insertmacro MUI_PAGE_LICENSE "${FILES}\LICENSE.txt"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE SimpChinese

LangString RUNNING ${LANG_ENGLISH} "Parley is running. Close it first."
LangString RUNNING ${LANG_SIMPCHINESE} "Parley 正在运行，请先将其关闭。"

; A program that runs can't be replaced, nor deleted.
!macro WaitForItsEnd
  ${While} ${FileExists} "$INSTDIR\Parley.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\Parley.exe" a
    ${IfNot} ${Errors}
      FileClose $0
      ${Break}
    ${EndIf}
    ${If} ${Cmd} `MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDCANCEL IDCANCEL`
      SetErrorLevel 1
      Quit
    ${EndIf}
  ${EndWhile}
!macroend

Section
  !insertmacro WaitForItsEnd
  SetOutPath "$INSTDIR"
  File "${FILES}\Parley.exe"
  File "${FILES}\LICENSE.txt"
  File "${FILES}\third-party-licences.txt"
  WriteUninstaller "$INSTDIR\Uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Parley.lnk" "$INSTDIR\Parley.exe"
  WriteRegStr HKCU "Software\Parley" "Folder" "$INSTDIR"

  ; Links of parley:// open the app.
  WriteRegStr HKCU "${LINK}" "" "URL:Parley invite"
  WriteRegStr HKCU "${LINK}" "URL Protocol" ""
  WriteRegStr HKCU "${LINK}\DefaultIcon" "" "$INSTDIR\Parley.exe,0"
  WriteRegStr HKCU "${LINK}\shell\open\command" "" '"$INSTDIR\Parley.exe" "%1"'

  WriteRegStr HKCU "${NOTIFICATIONS}" "DisplayName" "Parley"

  WriteRegStr HKCU "${GONE}" "DisplayName" "Parley"
  WriteRegStr HKCU "${GONE}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${GONE}" "Publisher" "The Parley authors"
  WriteRegStr HKCU "${GONE}" "DisplayIcon" "$INSTDIR\Parley.exe,0"
  WriteRegStr HKCU "${GONE}" "UninstallString" '"$INSTDIR\Uninstall.exe"'
  WriteRegStr HKCU "${GONE}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /S'
  WriteRegDWORD HKCU "${GONE}" "NoModify" 1
  WriteRegDWORD HKCU "${GONE}" "NoRepair" 1
SectionEnd

; What people wrote stays: it is in another folder.
Section Uninstall
  !insertmacro WaitForItsEnd
  Delete "$INSTDIR\Parley.exe"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\third-party-licences.txt"
  Delete "$INSTDIR\Uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Parley.lnk"
  DeleteRegKey HKCU "${LINK}"
  DeleteRegKey HKCU "${NOTIFICATIONS}"
  DeleteRegKey HKCU "${GONE}"
  DeleteRegKey HKCU "Software\Parley"
SectionEnd
