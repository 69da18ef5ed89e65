attachments = Attachments
attachments-title = Attach files
attachments-choose = Files to attach
attachments-add = Add attachment
attachments-empty = No files
attachments-delete = Delete
attachments-delete-really = Delete this file
attachments-back = Back
