# Joins every archive in ARCHIVES into OUTPUT.
file(GLOB archives ${ARCHIVES}/*.a)
list(TRANSFORM archives PREPEND "addlib ")
list(JOIN archives "\n" lines)
file(WRITE ${OUTPUT}.mri "create ${OUTPUT}\n${lines}\nsave\nend\n")
execute_process(COMMAND ${AR} -M INPUT_FILE ${OUTPUT}.mri COMMAND_ERROR_IS_FATAL ANY)
