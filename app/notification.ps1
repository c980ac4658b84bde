$ErrorActionPreference = 'Stop'
[void][Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
[void][Windows.Data.Xml.Dom.XmlDocument, Windows.Data.Xml.Dom, ContentType = WindowsRuntime]
$shown = [xml]'<toast><visual><binding template=''ToastGeneric''><text></text><text></text></binding></visual></toast>'
$texts = $shown.GetElementsByTagName('text')
$texts[0].InnerText = $env:PARLEY_TOAST_TITLE
$texts[1].InnerText = $env:PARLEY_TOAST_TEXT
$made = New-Object Windows.Data.Xml.Dom.XmlDocument
$made.LoadXml($shown.OuterXml)
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier($env:PARLEY_TOAST_FROM).Show([Windows.UI.Notifications.ToastNotification]::new($made))
